//! Every thing that a check may find, with the check it belongs to, what it means for the verdict, and the clause of the standard that
//! says so. Closed: a finding that is not here cannot be reported. The words a person reads are in [`crate::words`].

use serde::{Serialize, Serializer};

/// The checks, in the order in which a report lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckId {
    /// The file is readable and carries what it says it carries.
    Container,
    /// The credential has the members and types that its version demands.
    Schema,
    /// Everything in it has a meaning that the signature covers.
    SafeMode,
    /// The key belongs to the issuer that the badge names.
    Issuer,
    /// The signature fits the content, or the issuer's host confirms it.
    Proof,
    /// It was not revoked.
    Status,
    /// It is in force at the time of the check.
    Validity,
    /// It was given to the person asked for.
    Recipient,
    /// The credentials that it bundles.
    Bundle,
    /// What others say about it.
    Endorsement,
    /// Somebody whom the verifier trusts vouches for the issuer.
    Trust,
}

/// What one finding means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// As it should be.
    Pass,
    /// Wrong; the badge is invalid.
    Fail,
    /// Cannot be told with what is at hand.
    Unknown,
    /// Not asked, or a remark that changes nothing.
    Skipped,
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal, $check:ident, $status:ident, $clause:literal;)+) => {
        /// A finding. See [`Code::check`], [`Code::status`], [`Code::clause`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $($(#[doc = $doc])+ $variant,)+ }

        impl Code {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The check it belongs to.
            pub const fn check(self) -> CheckId {
                match self { $(Self::$variant => CheckId::$check,)+ }
            }

            /// What it means for the verdict.
            pub const fn status(self) -> Status {
                match self { $(Self::$variant => Status::$status,)+ }
            }

            /// The standard and its clause, or our own rule.
            pub const fn clause(self) -> &'static str {
                match self { $(Self::$variant => $clause,)+ }
            }
        }
    };
}

impl Code {
    /// Whether it says that the key of the issuer has passed to the one that it announced.
    pub const fn says_succeeded(self) -> bool {
        matches!(self, Self::IssuerSucceeded | Self::IssuerSucceededOn)
    }
}

codes! {
    // container
    /// The file was read.
    ContainerRead = "container_read", Container, Pass, "OB 3.0, 5";
    /// The credential stands compressed in the picture; it was read all the same.
    ContainerCompressed = "container_compressed", Container, Skipped, "OB 3.0, 5.3.1: compression MUST NOT be used";
    /// The credential stands in a chunk type that was given up with Open Badges 1.0.
    ContainerLegacyText = "container_legacy_text", Container, Skipped, "OB 2.0 Baking, PNGs";
    /// The body of the SVG element could not be used, its `verify` attribute was.
    ContainerVerifyAttribute = "container_verify_attribute", Container, Skipped, "OB 2.0 Baking, SVGs";
    /// The file could not be opened or read.
    Unreadable = "unreadable", Container, Unknown, "Satchel: the shell";
    /// The file is empty.
    Empty = "empty", Container, Unknown, "Satchel: the shell";
    /// A picture with no badge in it.
    NothingEmbedded = "nothing_embedded", Container, Unknown, "OB 3.0, 5.3";
    /// A file of a kind that holds no badges.
    UnknownFormat = "unknown_format", Container, Unknown, "OB 3.0, 5";
    /// JSON that is no badge.
    NotABadge = "not_a_badge", Container, Unknown, "OB 3.0, 5.1";
    /// The description of a badge or of an issuer, which nobody was awarded.
    NotAnAward = "not_an_award", Container, Unknown, "OB 2.0, 3";
    /// The file ends too early.
    Truncated = "truncated", Container, Fail, "PNG, 5";
    /// The checksum of the badge's chunk is wrong.
    BadChecksum = "bad_checksum", Container, Fail, "PNG, 5.3";
    /// The compressed text cannot be read.
    BadCompression = "bad_compression", Container, Fail, "PNG, 11.3.3.4";
    /// Larger than a badge may be.
    TooLarge = "too_large", Container, Fail, "Satchel: limits";
    /// More chunks than a picture may have.
    TooManyChunks = "too_many_chunks", Container, Fail, "Satchel: limits";
    /// The text is not UTF-8.
    NotUtf8 = "not_utf8", Container, Fail, "RFC 8259, 8.1";
    /// Two credentials under one keyword.
    DuplicateEmbedding = "duplicate_embedding", Container, Fail, "OB 3.0, 5.3.1: never more than one";
    /// The picture is broken.
    MalformedImage = "malformed_image", Container, Fail, "PNG, 5; XML 1.0, 2.1";
    /// The SVG declares entities.
    SvgEntities = "svg_entities", Container, Fail, "Satchel: limits";
    /// What is embedded is neither a credential nor a link to one.
    UnknownPayload = "unknown_payload", Container, Fail, "OB 3.0, 5.3";
    /// The text is not JSON.
    MalformedJson = "malformed_json", Container, Fail, "RFC 8259";
    /// Two members of one name.
    DuplicateKey = "duplicate_key", Container, Fail, "RFC 7493, 2.3";
    /// A number that loses digits.
    InexactNumber = "inexact_number", Container, Fail, "RFC 7493, 2.2";
    /// Nested too deep.
    TooDeep = "too_deep", Container, Fail, "Satchel: limits";
    /// More values than a badge may have.
    TooManyValues = "too_many_values", Container, Fail, "Satchel: limits";
    /// The compact form is broken.
    MalformedJws = "malformed_jws", Container, Fail, "RFC 7515, 3.1";
    /// An archive that cannot be unpacked.
    ArchiveMalformed = "archive_malformed", Container, Unknown, "APPNOTE.TXT, 4.3";
    /// An archive of more entries than are looked at.
    ArchiveTooManyEntries = "archive_too_many_entries", Container, Unknown, "Satchel: limits";
    /// An archive that grows beyond measure when it is unpacked.
    ArchiveTooLarge = "archive_too_large", Container, Unknown, "Satchel: limits";
    /// An entry of more bytes than are unpacked.
    ArchiveEntryTooLarge = "archive_entry_too_large", Container, Unknown, "Satchel: limits";
    /// An entry whose name is longer than any path.
    ArchiveNameTooLong = "archive_name_too_long", Container, Unknown, "Satchel: limits";
    /// An entry that needs a password.
    ArchiveEncrypted = "archive_encrypted", Container, Unknown, "APPNOTE.TXT, 4.4.4";
    /// An entry that is compressed in a way that Satchel does not know.
    ArchiveCompression = "archive_compression", Container, Unknown, "APPNOTE.TXT, 4.4.5";
    /// An archive with several files of one name.
    ArchiveSameNames = "archive_same_names", Container, Unknown, "APPNOTE.TXT, 4.3.12";
    /// An archive without a badge.
    ArchiveWithoutBadge = "archive_without_badge", Container, Unknown, "Satchel: containers";
    /// An address that could not be fetched.
    SourceUnreachable = "source_unreachable", Container, Unknown, "Satchel: containers";

    // schema
    /// All members are as the version demands.
    SchemaValid = "schema_valid", Schema, Pass, "OB 3.0, B; OB 2.0, 3";
    /// A member is missing.
    MemberMissing = "member_missing", Schema, Fail, "OB 3.0, B; OB 2.0, 3";
    /// A member is of the wrong kind.
    MemberType = "member_type", Schema, Fail, "OB 3.0, B; OB 2.0, 3";
    /// A member has a value that it must not have.
    MemberRefused = "member_refused", Schema, Fail, "OB 3.0, B; OB 2.0, 3";
    /// An endorsement speaks about something else than what it stands on.
    EndorsesOther = "endorses_other", Schema, Fail, "OB 3.0, B.1: EndorsementSubject";
    /// A version that Satchel does not know.
    UnknownVersion = "unknown_version", Schema, Fail, "OB 3.0, B.1: @context";
    /// The credential breaks the schema that it names itself.
    OwnSchemaInvalid = "own_schema_invalid", Schema, Fail, "VCDM 2.0, 4.11";
    /// The schema that the credential names was followed.
    OwnSchemaValid = "own_schema_valid", Schema, Pass, "VCDM 2.0, 4.11";
    /// The schema that the credential names is not at hand.
    OwnSchemaMissing = "own_schema_missing", Schema, Skipped, "VCDM 2.0, 4.11";
    /// The badge, its description or its issuer is linked and not at hand.
    LinkedDocumentMissing = "linked_document_missing", Schema, Unknown, "OB 2.0, 4.1";
    /// A linked document is not what it should be.
    LinkedDocumentInvalid = "linked_document_invalid", Schema, Fail, "OB 2.0, 4.1";
    /// A linked document was kept by someone else.
    LinkedDocumentBrought = "linked_document_brought", Schema, Unknown, "Satchel: origin of evidence";
    /// The picture of an assertion must not be inline.
    InlineAssertionImage = "inline_assertion_image", Schema, Fail, "OB 2.0, 3.1: image";

    // safe_mode
    /// Every term has a meaning, and the signature covers it.
    SafeModePassed = "safe_mode_passed", SafeMode, Pass, "VC Data Integrity, 2.4.1";
    /// Not needed: the bytes themselves are signed.
    SafeModeNotNeeded = "safe_mode_not_needed", SafeMode, Skipped, "OB 2.0, 4.2";
    /// A term has no definition.
    UndefinedTerm = "undefined_term", SafeMode, Fail, "VC Data Integrity, 2.4.1";
    /// A type has no definition.
    UndefinedType = "undefined_type", SafeMode, Fail, "VC Data Integrity, 2.4.1";
    /// A reference that is no absolute address.
    RelativeReference = "relative_reference", SafeMode, Fail, "VC Data Integrity, 2.4.1";
    /// A value that no signature covers.
    DroppedValue = "dropped_value", SafeMode, Fail, "VC Data Integrity, 2.4.1";
    /// A context gives known words another meaning.
    RedefinedTerm = "redefined_term", SafeMode, Fail, "VC Data Integrity, 2.4.1";
    /// Something is written so that a reader does not see it.
    DisguisedTerm = "disguised_term", SafeMode, Fail, "Satchel: one meaning for reader and signature";
    /// The document breaks JSON-LD.
    InvalidJsonLd = "invalid_json_ld", SafeMode, Fail, "JSON-LD 1.1 API, 9.6";
    /// A context is not at hand.
    ContextMissing = "context_missing", SafeMode, Unknown, "VC Data Integrity, 2.4.1";
    /// A context is at hand and cannot be used.
    ContextInvalid = "context_invalid", SafeMode, Fail, "JSON-LD 1.1 API, 9.6";
    /// A context was kept by someone else.
    ContextBrought = "context_brought", SafeMode, Unknown, "Satchel: origin of evidence";
    /// Too costly to name.
    PoisonGraph = "poison_graph", SafeMode, Fail, "RDFC-1.0, 7.1";

    // issuer
    /// The key belongs to the issuer.
    IssuerConfirmed = "issuer_confirmed", Issuer, Pass, "OB 3.0, 8.2; OB 2.0, 4.2";
    /// The assertion lies where its issuer publishes.
    IssuerHosts = "issuer_hosts", Issuer, Pass, "OB 2.0, 4.1";
    /// The key belongs to someone else.
    IssuerMismatch = "issuer_mismatch", Issuer, Fail, "VC Data Integrity, 4.4; OB 3.0, 8.2";
    /// The issuer's document does not name this key for assertions.
    KeyNotAuthorised = "key_not_authorised", Issuer, Fail, "CID 1.0, 2.3.2: assertionMethod";
    /// The issuer's document is not at hand.
    IssuerUnconfirmed = "issuer_unconfirmed", Issuer, Unknown, "OB 3.0, 8.2";
    /// The issuer's address holds a DID, and nothing but its host ties the key to it.
    IssuerKnownFromHost = "issuer_known_from_host", Issuer, Unknown, "Satchel: a DID in an issuer's address";
    /// The statement of the issuer's own key over this key is wrong.
    KeyStatementWrong = "key_statement_wrong", Issuer, Fail, "Satchel: a DID in an issuer's address";
    /// The issuer's document was kept by someone else.
    IssuerBrought = "issuer_brought", Issuer, Unknown, "Satchel: origin of evidence";
    /// The issuer's document cannot be used.
    IssuerDocumentInvalid = "issuer_document_invalid", Issuer, Fail, "CID 1.0, 2; OB 2.0, 3.3";
    /// The issuer's kind of name is not supported.
    DidMethodUnsupported = "did_method_unsupported", Issuer, Unknown, "DID 1.0, 8";
    /// The name is no address that could be asked, so no key can be tied to it.
    IssuerNotAddressable = "issuer_not_addressable", Issuer, Unknown, "OB 3.0, 8.2";
    /// The assertion lies outside of what its issuer vouches for.
    OutsideIssuerScope = "outside_issuer_scope", Issuer, Fail, "OB 2.0, 4.1: allowedOrigins, startsWith";
    /// Nothing verified, so there was no key to ask about.
    IssuerNotChecked = "issuer_not_checked", Issuer, Skipped, "Satchel: order of checks";
    /// The key that the badge announced has taken over from the one that signed it; its proof of that is not at hand.
    IssuerSucceeded = "issuer_succeeded", Issuer, Skipped, "Satchel: succession";
    /// The same, with the proof, which says when.
    IssuerSucceededOn = "issuer_succeeded_on", Issuer, Skipped, "Satchel: succession";

    // proof
    /// The signature fits.
    ProofVerified = "proof_verified", Proof, Pass, "VC Data Integrity, 4.4; RFC 7515, 5.2";
    /// The issuer's host serves this assertion.
    HostedConfirmed = "hosted_confirmed", Proof, Pass, "OB 2.0, 4.1";
    /// Another proof beside the one that verified could not be used.
    ExtraProofUnusable = "extra_proof_unusable", Proof, Skipped, "VC Data Integrity, 2.1.1";
    /// There is no proof.
    ProofMissing = "proof_missing", Proof, Fail, "OB 3.0, 8.1";
    /// The signature does not fit the content.
    ProofMismatch = "proof_mismatch", Proof, Fail, "VC Data Integrity, 4.4; RFC 7515, 5.2";
    /// The proof is not well formed.
    ProofMalformed = "proof_malformed", Proof, Fail, "VC Data Integrity, 2.1";
    /// A kind of proof that Satchel does not know.
    ProofTypeUnknown = "proof_type_unknown", Proof, Unknown, "VC Data Integrity, 2.1";
    /// Made for another purpose.
    ProofPurpose = "proof_purpose", Proof, Fail, "VC Data Integrity, 4.4: assertionMethod";
    /// The proof itself has expired.
    ProofExpired = "proof_expired", Proof, Fail, "VC Data Integrity, 4.4: expires";
    /// The key is broken or of the wrong kind.
    KeyInvalid = "key_invalid", Proof, Fail, "CID 1.0, 2.2.2; RFC 7517";
    /// The key is not at hand.
    KeyMissing = "key_missing", Proof, Unknown, "CID 1.0, 3.3";
    /// The key was kept by someone else.
    KeyBrought = "key_brought", Proof, Unknown, "Satchel: origin of evidence";
    /// No key is named.
    KeyNotNamed = "key_not_named", Proof, Fail, "OB 3.0, 8.3.3: kid or jwk";
    /// The algorithm is not allowed.
    AlgorithmRefused = "algorithm_refused", Proof, Fail, "RFC 8725, 3.1";
    /// The header says what it must not.
    HeaderRefused = "header_refused", Proof, Fail, "OB 3.0, 8.3.3; RFC 7515, 4.1.11";
    /// Claims and credential contradict each other.
    ClaimMismatch = "claim_mismatch", Proof, Fail, "OB 3.0, 8.3.3";
    /// The hosted assertion is not at hand.
    HostedMissing = "hosted_missing", Proof, Unknown, "OB 2.0, 4.1";
    /// The hosted assertion was kept by someone else.
    HostedBrought = "hosted_brought", Proof, Unknown, "Satchel: origin of evidence";
    /// The issuer's host has nothing under this address.
    HostedGone = "hosted_gone", Proof, Fail, "OB 2.0, 4.1";
    /// What the host serves is no assertion.
    HostedInvalid = "hosted_invalid", Proof, Fail, "OB 2.0, 4.1";
    /// The host serves something else than the file says.
    HostedDiffers = "hosted_differs", Proof, Fail, "OB 2.0, 4.1";
    /// The badge says no way to verify it.
    VerificationMissing = "verification_missing", Proof, Unknown, "OB 1.0, verify";
    /// The check of the proof waits for a context.
    ProofNotChecked = "proof_not_checked", Proof, Unknown, "Satchel: order of checks";

    // status
    /// It is not on the list of revoked badges.
    NotRevoked = "not_revoked", Status, Pass, "Bitstring Status List, 3.2; OB 3.0, 6.4";
    /// It is not on the list of revoked badges, and the list has a date.
    NotRevokedAsOf = "not_revoked_as_of", Status, Pass, "Bitstring Status List, 3.2; OB 3.0, 6.4";
    /// The issuer's host serves it, so it was not revoked.
    StatusHosted = "status_hosted", Status, Pass, "OB 2.0, 4.1";
    /// The issuer's host served it, so it was not revoked, and when that was is known.
    StatusHostedAsOf = "status_hosted_as_of", Status, Pass, "OB 2.0, 4.1";
    /// The issuer's host served it too long ago.
    StatusHostedLongAgo = "status_hosted_long_ago", Status, Unknown, "Satchel: max_status_age";
    /// The list is signed by someone else than the badge.
    StatusListOfOther = "status_list_of_other", Status, Skipped, "Bitstring Status List, 3.2";
    /// No list is named.
    StatusNotUsed = "status_not_used", Status, Skipped, "OB 3.0, 6.4";
    /// It was revoked.
    Revoked = "revoked", Status, Fail, "Bitstring Status List, 3.2; OB 3.0, 6.4; OB 2.0, 4.3";
    /// It was revoked, with a reason.
    RevokedBecause = "revoked_because", Status, Fail, "OB 3.0, 6.4; OB 2.0, 4.3";
    /// It is suspended.
    Suspended = "suspended", Status, Fail, "Bitstring Status List, 2.1: suspension";
    /// A status other than revoked or suspended is set.
    StatusMessage = "status_message", Status, Skipped, "Bitstring Status List, 2.1: message";
    /// The list is not at hand.
    StatusMissing = "status_missing", Status, Unknown, "Bitstring Status List, 3.2";
    /// The list was kept by someone else.
    StatusBrought = "status_brought", Status, Unknown, "Satchel: origin of evidence";
    /// The list cannot be used.
    StatusUnusable = "status_unusable", Status, Unknown, "Bitstring Status List, 3.2";
    /// Its issuer's key may be somebody else's, and nothing shows that the badge is older than that.
    IssuerKeyCompromised = "issuer_key_compromised", Status, Unknown, "Satchel: succession";
    /// The list is too old.
    StatusTooOld = "status_too_old", Status, Unknown, "Satchel: max_status_age";
    /// A newer list was seen before.
    StatusRolledBack = "status_rolled_back", Status, Unknown, "Satchel: numbers of lists";
    /// A kind of status that Satchel does not know.
    StatusTypeUnknown = "status_type_unknown", Status, Unknown, "VCDM 2.0, 4.10";
    /// The status was not asked, because the badge is not what its issuer signed.
    StatusNotChecked = "status_not_checked", Status, Skipped, "Satchel: order of checks";

    // validity
    /// In force.
    InForce = "in_force", Validity, Pass, "VCDM 2.0, 4.9";
    /// In force, until a time.
    InForceUntil = "in_force_until", Validity, Pass, "VCDM 2.0, 4.9";
    /// Its time has ended.
    Expired = "expired", Validity, Fail, "VCDM 2.0, 4.9; OB 2.0, 3.1: expires";
    /// Its time has not begun.
    NotYetValid = "not_yet_valid", Validity, Fail, "VCDM 2.0, 4.9; OB 2.0, 3.1: issuedOn";
    /// Its time begins so soon that the clock of this machine may be behind.
    ClockMayBeBehind = "clock_may_be_behind", Validity, Skipped, "Satchel: clocks";
    /// It ends before it begins.
    EndsBeforeStart = "ends_before_start", Validity, Fail, "VCDM 2.0, 4.9";
    /// A time that cannot be read.
    TimeUnreadable = "time_unreadable", Validity, Fail, "VCDM 2.0, 2.2; RFC 3339";
    /// A time in the future: one of two clocks is wrong.
    TimeInFuture = "time_in_future", Validity, Skipped, "Satchel: clocks";

    // recipient
    /// It was given to this person.
    RecipientMatches = "recipient_matches", Recipient, Pass, "OB 3.0, 6.6; OB 2.0, 3.4";
    /// It was given to someone else.
    RecipientMismatch = "recipient_mismatch", Recipient, Fail, "OB 3.0, 6.6; OB 2.0, 3.4";
    /// It was given to none of the addresses of the account through which it came.
    RecipientNotYours = "recipient_not_yours", Recipient, Unknown, "OB 3.0, 6.6; Satchel: addresses of the account";
    /// The badge does not say to whom it was given.
    RecipientUnstated = "recipient_unstated", Recipient, Unknown, "OB 3.0, B.2";
    /// Nobody asked.
    RecipientNotAsked = "recipient_not_asked", Recipient, Skipped, "OB 3.0, 6.6";

    // bundle
    /// All credentials in it are in order.
    BundleValid = "bundle_valid", Bundle, Pass, "CLR 2.0: ClrSubject, verifiableCredential";
    /// One of the credentials in it is not valid.
    BundleInvalid = "bundle_invalid", Bundle, Fail, "CLR 2.0: ClrSubject, verifiableCredential";
    /// One of the credentials in it cannot be told.
    BundleUndecided = "bundle_undecided", Bundle, Unknown, "CLR 2.0: ClrSubject, verifiableCredential";
    /// There are more credentials in it than are looked at.
    BundleLeft = "bundle_left", Bundle, Unknown, "Satchel: limits";

    // endorsement
    /// All endorsements are in order.
    EndorsementsValid = "endorsements_valid", Endorsement, Pass, "OB 3.0, 6.7";
    /// An endorsement is not in order.
    EndorsementsInvalid = "endorsements_invalid", Endorsement, Skipped, "OB 3.0, 6.7";
    /// An endorsement could not be told.
    EndorsementsUndecided = "endorsements_undecided", Endorsement, Skipped, "OB 3.0, 6.7";
    /// There are more endorsements than are looked at.
    EndorsementsLeft = "endorsements_left", Endorsement, Skipped, "Satchel: limits";
    /// An endorsement is linked and not at hand.
    EndorsementMissing = "endorsement_missing", Endorsement, Skipped, "OB 2.0, 3.9";
    /// There are none.
    NoEndorsements = "no_endorsements", Endorsement, Skipped, "OB 3.0, 6.7";

    // trust
    /// The verifier trusts this issuer.
    TrustedIssuer = "trusted_issuer", Trust, Pass, "Satchel: trust";
    /// The issuer's key is the one that a trusted issuer announced as its next.
    TrustedSuccessor = "trusted_successor", Trust, Pass, "Satchel: trust";
    /// Nobody whom the verifier trusts vouches for this name.
    UntrustedIssuer = "untrusted_issuer", Trust, Unknown, "Satchel: trust";
    /// The issuer's name could be taken for that of another one, whom the verifier trusts.
    LooksLikeTrusted = "looks_like_trusted", Trust, Unknown, "UTS #39, 4";
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
