//! The credentials that a credential bundles, as a Comprehensive Learner Record does (CLR 2.0, `ClrSubject`): as they are, as compact JWS, or
//! in an envelope (VCDM 2.0, 4.13). Each has a verdict of its own, and a bundle is worth no more than the least of them: that its issuer signed
//! the whole excuses nothing in it.

use serde_json::Value;

use super::{Checker, Findings, Role};
use crate::code::Code;
use crate::limits::MAX_NESTED;
use crate::model::list;
use crate::report::{Line, Report, Verdict};

impl Checker<'_> {
    pub(super) fn check_bundle(&self, value: &Value, findings: &mut Findings) {
        let bundled = list(value, "credentialSubject").iter().flat_map(|subject| list(subject, "verifiableCredential"));
        let mut reports = Vec::new();
        for credential in bundled {
            if self.depth >= MAX_NESTED || !self.budget.takes_bundled() {
                findings.say(Code::BundleLeft);
                break;
            }
            let text = credential.as_str().map_or_else(|| credential.to_string(), str::to_owned);
            reports.push(self.nested(text.as_bytes(), Role::Bundled));
        }
        findings.lines.extend(sum_up(&reports));
        findings.nested.extend(reports);
    }
}

/// One line for all of them; none where nothing is bundled.
fn sum_up(reports: &[Report]) -> Option<Line> {
    let bad = reports.iter().filter(|report| report.verdict == Verdict::Invalid).count();
    // Something that is no credential at all cannot be told either.
    let open = reports.iter().filter(|report| matches!(report.verdict, Verdict::Undecided | Verdict::NoBadge)).count();
    let (code, count) = match (reports.len(), bad, open) {
        (0, ..) => return None,
        (all, 0, 0) => (Code::BundleValid, all),
        (_, 0, open) => (Code::BundleUndecided, open),
        (_, bad, _) => (Code::BundleInvalid, bad),
    };
    Some(Line::new(code, [count, reports.len()].map(|number| number.to_string())))
}
