//! Reads who somebody is from what a provider says of them. Pure: what it says was checked before.

use jiff::Timestamp;
use satchel_protocol::EmailAddress;
use serde_json::{Map, Value};

use crate::pages::register;
use crate::store::arrival::Person;
use crate::store::provider::Provider;

/// What is needed of a provider, each with the claim that usually says it.
pub const NEEDED: [&str; 3] = ["given_name", "family_name", "email"];

/// Letters of a name.
const MAX_NAME: usize = 100;

/// Bytes of what a provider calls a person (OpenID Connect Core, 2).
const MAX_SUBJECT: usize = 255;

/// The claim of a provider that says this.
fn claim<'a>(provider: &'a Provider, what: &'a str) -> &'a str {
    provider.claims.get(what).map_or(what, String::as_str)
}

/// The claims that must be there, so that it is known whether to ask for more.
pub fn lacks(provider: &Provider, said: &Map<String, Value>) -> bool {
    let names = NEEDED.iter().map(|what| claim(provider, what)).chain([provider.subject.as_str()]);
    let groups = (!provider.roles.is_empty()).then(|| claim(provider, "groups"));
    names.chain(groups).chain(verified_claim(provider)).any(|name| !said.contains_key(name))
}

/// The claim that says that the address is verified. `email_verified` speaks of `email` and of no other claim.
fn verified_claim(provider: &Provider) -> Option<&str> {
    let own = provider.claims.get("email_verified").map(String::as_str);
    own.or_else(|| (claim(provider, "email") == "email").then_some("email_verified"))
}

/// Reads a person; else the claims that are missing, by their names at this provider.
pub fn read(provider: &Provider, said: &Map<String, Value>) -> Result<Person, Vec<String>> {
    let text = |what: &str| first_text(said.get(claim(provider, what)));
    // Letter for letter: what differs in a space is somebody else.
    let subject = first(said.get(&provider.subject)).filter(|text| text.len() <= MAX_SUBJECT && !text.trim().is_empty());
    let subject = subject.map(str::to_owned);
    // One name is enough: whoever has one is called by it alone, and a whole name is taken apart by nobody.
    let whole = first_text(said.get("name")).and_then(|text| name(&text));
    let given = text("given_name").and_then(|text| name(&text));
    let family = text("family_name").and_then(|text| name(&text));
    let names = match (given, family) {
        (Some(given), Some(family)) => Some((given, family)),
        (given, family) => whole.or(given).or(family).map(|one| (one, String::new())),
    };
    let address = text("email").and_then(|text| text.parse::<EmailAddress>().ok());
    match (subject, names, address) {
        (Some(subject), Some((given_name, family_name)), Some(address)) => {
            let vouched = is_vouched(provider, said, &address);
            let (role, ends) = (role(provider, said), ends(provider, said));
            Ok(Person { subject, given_name, family_name, address, vouched, role, ends })
        }
        (subject, names, address) => {
            let lacking = [
                (subject.is_none(), provider.subject.as_str()),
                (names.is_none(), claim(provider, "given_name")),
                (names.is_none(), claim(provider, "family_name")),
                (address.is_none(), claim(provider, "email")),
            ];
            Err(lacking.into_iter().filter(|(is_lacking, _)| *is_lacking).map(|(_, name)| name.to_owned()).collect())
        }
    }
}

/// Adds what the user info says to what an ID token does. What was signed goes before, and that an address is verified is said of the address
/// beside it alone.
pub fn add(provider: &Provider, signed: &mut Map<String, Value>, more: Map<String, Value>) {
    let email = claim(provider, "email");
    if let Some(flag) = verified_claim(provider)
        && !signed.contains_key(email)
        && more.contains_key(email)
    {
        // It was said of no address that is known.
        signed.remove(flag);
    }
    let is_same = signed.get(email).is_none_or(|known| more.get(email) == Some(known));
    for (name, value) in more {
        if is_same || verified_claim(provider) != Some(name.as_str()) {
            signed.entry(name).or_insert(value);
        }
    }
}

/// A text, or the first of several: attributes of SAML come as lists.
fn first(value: Option<&Value>) -> Option<&str> {
    let value = match value? {
        Value::Array(all) => all.first()?,
        one => one,
    };
    value.as_str().filter(|text| !text.contains('\0'))
}

/// The same, without the space around it.
fn first_text(value: Option<&Value>) -> Option<String> {
    first(value).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A name on one line, with nothing in it that steers text.
fn name(text: &str) -> Option<String> {
    let plain: String = satchel_badge::words::plain(text).take(MAX_NAME).collect();
    register::name(&plain).filter(|name| !name.is_empty())
}

/// Whether the provider's word is enough for an address: it says that it was verified, or the operator does, and it is the authority for the
/// domain (S06).
fn is_vouched(provider: &Provider, said: &Map<String, Value>, address: &EmailAddress) -> bool {
    let verified = verified_claim(provider).and_then(|name| said.get(name));
    let verified = match verified {
        // The operator's word is for where the provider says nothing.
        None | Some(Value::Null) => provider.declared,
        Some(Value::Bool(verified)) => *verified,
        Some(Value::String(text)) => text == "true",
        Some(Value::Array(all)) => all.first().is_some_and(|it| *it == Value::Bool(true) || it.as_str() == Some("true")),
        _ => false,
    };
    verified && provider.covers(address)
}

fn role(provider: &Provider, said: &Map<String, Value>) -> Option<String> {
    let groups = said.get(claim(provider, "groups"))?;
    let groups: Vec<&str> = match groups {
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        Value::String(one) => vec![one],
        _ => return None,
    };
    provider.roles.iter().find(|(group, _)| groups.contains(&group.as_str())).map(|(_, role)| role.clone())
}

/// When the login ends: as the claim that the operator named says, in seconds, or as a date or time.
fn ends(provider: &Provider, said: &Map<String, Value>) -> Option<Timestamp> {
    match said.get(provider.claims.get("ends")?)? {
        Value::Number(number) => Timestamp::from_second(number.as_i64()?).ok(),
        value => {
            let text = first_text(Some(value))?;
            text.parse().ok().or_else(|| day(&text))
        }
    }
}

/// A day, as when it begins in UTC. `schacExpiryDate` is written `20261231235959Z`.
fn day(text: &str) -> Option<Timestamp> {
    let packed = (text.len() >= 8 && text.bytes().take(8).all(|byte| byte.is_ascii_digit()))
        .then(|| format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..8]));
    let date: jiff::civil::Date = packed.as_deref().unwrap_or(text).parse().ok()?;
    jiff::tz::TimeZone::UTC.to_timestamp(date.to_datetime(jiff::civil::Time::midnight())).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn provider() -> Provider {
        Provider {
            id: String::from("uni"),
            name: String::from("University"),
            issuer: String::from("https://login.uni.example"),
            client: String::from("satchel"),
            secret_file: None,
            subject: String::from("sub"),
            scopes: String::from("email profile"),
            claims: [].into(),
            domains: vec![String::from("uni.example"), String::from("*.campus.example")],
            declared: false,
            support: None,
            has_logo: false,
            roles: [(String::from("badge-office"), String::from("operator"))].into(),
            ends: None,
            seen: None,
            lacked: None,
        }
    }

    fn said(extra: &Value) -> Map<String, Value> {
        let mut said = json!({ "sub": "1", "given_name": "Ada", "family_name": "Lovelace", "email": "ada@uni.example" });
        said.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        said.as_object().unwrap().clone()
    }

    #[test]
    fn an_address_is_vouched_for_by_the_authority_for_its_domain_alone() {
        let vouched = |provider: &Provider, extra: Value| read(provider, &said(&extra)).unwrap().vouched;
        let mut it = provider();
        assert!(vouched(&it, json!({ "email_verified": true })));
        assert!(vouched(&it, json!({ "email_verified": "true" })));
        for lie in
            [json!({}), json!({ "email_verified": false }), json!({ "email_verified": "false" }), json!({ "email_verified": 1 })]
        {
            assert!(!vouched(&it, lie.clone()), "{lie}");
        }
        for foreign in
            ["ada@posta.example", "ada@uni.example.evil.example", "ada@xuni.example", "ada@sub.uni.example", "ada@campus.example"]
        {
            assert!(!vouched(&it, json!({ "email_verified": true, "email": foreign })), "{foreign}");
        }
        assert!(vouched(&it, json!({ "email_verified": true, "email": "ada@cs.campus.example" })));
        it.declared = true;
        assert!(vouched(&it, json!({})), "the operator says it");
        assert!(!vouched(&it, json!({ "email_verified": false })), "but for what the provider itself denies");
        assert!(!vouched(&it, json!({ "email": "ada@posta.example" })), "but for its own domains alone");
    }

    #[test]
    fn that_one_claim_is_verified_says_nothing_of_another() {
        let mut it = provider();
        it.claims.insert(String::from("email"), String::from("mail"));
        let heard = said(&json!({ "mail": "eve@uni.example", "email_verified": true }));
        assert!(!read(&it, &heard).unwrap().vouched);
        it.claims.insert(String::from("email_verified"), String::from("mail_verified"));
        assert!(read(&it, &said(&json!({ "mail": ["eve@uni.example"], "mail_verified": [true] }))).unwrap().vouched);
    }

    #[test]
    fn what_the_user_info_says_of_one_address_is_not_said_of_another() {
        let it = provider();
        let vouched = |signed: Value, more: Value| {
            let mut claims = said(&signed);
            add(&it, &mut claims, more.as_object().unwrap().clone());
            read(&it, &claims).unwrap().vouched
        };
        assert!(vouched(json!({}), json!({ "email": "ada@uni.example", "email_verified": true })));
        assert!(!vouched(json!({}), json!({ "email": "eve@uni.example", "email_verified": true })));
        assert!(!vouched(json!({}), json!({ "email_verified": true })), "of none");
        assert!(
            !vouched(json!({ "email_verified": false }), json!({ "email": "ada@uni.example", "email_verified": true })),
            "signed"
        );
        let mut claims = said(&json!({ "email_verified": true }));
        claims.remove("email");
        add(&it, &mut claims, said(&json!({ "email_verified": false })));
        assert!(!read(&it, &claims).unwrap().vouched, "what was signed was said of no address");
        let mut claims = said(&json!({}));
        claims.remove("email");
        add(&it, &mut claims, said(&json!({ "email_verified": true })));
        assert!(read(&it, &claims).unwrap().vouched, "both come in the user info");
    }

    #[test]
    fn who_differs_in_a_space_is_somebody_else() {
        let subject = |text: &str| read(&provider(), &said(&json!({ "sub": text }))).map(|it| it.subject).ok();
        assert_eq!(subject("1 ").as_deref(), Some("1 "));
        assert_ne!(subject("1 "), subject("1"));
        assert_ne!(subject("ADA"), subject("ada"));
        for none in ["", " ", "1\0"] {
            assert_eq!(subject(none), None);
        }
    }

    #[test]
    fn what_is_missing_is_named_as_the_provider_calls_it() {
        let mut it = provider();
        it.subject = String::from("pairwise-id");
        it.claims.insert(String::from("email"), String::from("mail"));
        let heard = said(&json!({ "given_name": " ", "family_name": null, "mail": "no address" }));
        assert_eq!(read(&it, &heard).err().unwrap(), ["pairwise-id", "given_name", "family_name", "mail"]);
    }

    #[test]
    fn whoever_has_one_name_is_let_in_with_it() {
        let names = |extra: Value| read(&provider(), &said(&extra)).map(|it| (it.given_name, it.family_name));
        let one = |name: &str| Ok((name.to_owned(), String::new()));
        assert_eq!(names(json!({ "given_name": "Suharto", "name": "Suharto", "family_name": "" })), one("Suharto"));
        assert_eq!(names(json!({ "family_name": null })), one("Ada"));
        assert_eq!(names(json!({ "given_name": null })), one("Lovelace"));
        assert_eq!(names(json!({ "given_name": null, "family_name": null, "name": "Ada Lovelace" })), one("Ada Lovelace"));
        assert_eq!(names(json!({ "family_name": null, "name": "Ada Lovelace" })), one("Ada Lovelace"), "nothing is lost");
        assert!(names(json!({ "given_name": null, "family_name": " ", "name": "\u{202e}" })).is_err());
    }

    #[test]
    fn a_name_steers_no_text() {
        let person = read(&provider(), &said(&json!({ "given_name": "A\u{202e}da\n\u{61c}Bcc\u{2028}: x" }))).unwrap();
        assert!(!person.given_name.contains(['\u{202e}', '\n', '\u{61c}', '\u{2028}']), "{:?}", person.given_name);
    }

    #[test]
    fn a_role_comes_from_a_group_that_the_operator_named() {
        let role = |groups: Value| read(&provider(), &said(&json!({ "groups": groups }))).unwrap().role;
        assert_eq!(role(json!(["students", "badge-office"])), Some(String::from("operator")));
        assert_eq!(role(json!("badge-office")), Some(String::from("operator")));
        assert_eq!(role(json!(["badge-office-guests", "operator"])), None);
    }

    #[test]
    fn the_end_of_a_login_is_read_in_each_of_its_forms() {
        let mut it = provider();
        it.claims.insert(String::from("ends"), String::from("until"));
        let ends = |value: Value| read(&it, &said(&json!({ "until": value }))).unwrap().ends.map(|time| time.to_string());
        assert_eq!(ends(json!(1_798_675_200)), Some(String::from("2026-12-31T00:00:00Z")));
        for text in ["2026-12-31", "2026-12-31T00:00:00Z", "20261231235959Z"] {
            assert_eq!(ends(json!(text)), Some(String::from("2026-12-31T00:00:00Z")), "{text}");
        }
        assert_eq!(ends(json!("soon")), None);
    }
}
