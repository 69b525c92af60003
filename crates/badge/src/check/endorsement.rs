//! What others say about a badge, its description and its issuer (OB 3.0, 6.7; OB 2.0, 3.9). Each endorsement has a verdict of its own;
//! none changes the badge's.

use serde_json::Value;

use super::{Checker, Findings, Role};
use crate::code::{Code, Status};
use crate::model::{id_of, list};
use crate::report::{Line, Report, Verdict};

impl Checker<'_> {
    /// The endorsements that stand in a credential, on its achievement and on its issuer, as credentials or as compact JWS.
    pub(super) fn check_endorsements(&self, value: &Value, findings: &mut Findings) {
        let subject = list(value, "credentialSubject").first().unwrap_or(&Value::Null);
        let achievement = list(subject, "achievement").first().unwrap_or(&Value::Null);
        let issuer = list(value, "issuer").first().unwrap_or(&Value::Null);
        let creator = list(achievement, "creator").first().unwrap_or(&Value::Null);
        let mut reports = Vec::new();
        for endorsed in [value, achievement, issuer, creator] {
            let embedded = list(endorsed, "endorsement").iter().map(|inner| inner.to_string().into_bytes());
            let compact = list(endorsed, "endorsementJwt").iter().filter_map(Value::as_str).map(|jwt| jwt.as_bytes().to_vec());
            for text in embedded.chain(compact) {
                if !self.budget.takes_one() {
                    findings.say(Code::EndorsementsLeft);
                    break;
                }
                let mut report = self.nested(&text, Role::Endorsement);
                refuse_other(&mut report, id_of(endorsed).as_deref());
                reports.push(report);
            }
        }
        sum_up(reports, findings);
    }
}

/// An endorsement speaks about the thing that it stands on (OB 3.0, B.1 `EndorsementSubject`), and an award is none.
fn refuse_other(report: &mut Report, endorsed: Option<&str>) {
    let Some(badge) = &report.badge else { return };
    let about = badge.recipient.id.clone();
    if !badge.types.iter().any(|kind| kind == "EndorsementCredential") {
        report.add_failure(Line::new(Code::MemberRefused, [String::from("/type")]));
    }
    if about.as_deref() != endorsed {
        report.add_failure(Line::new(Code::EndorsesOther, [about.unwrap_or_default()]));
    }
}

impl Report {
    fn add_failure(&mut self, line: Line) {
        self.lines.push(line);
        self.lines.sort_by_key(|line| line.code.check());
        self.verdict = Verdict::Invalid;
    }
}

/// One line for all of them.
pub(super) fn sum_up(reports: Vec<Report>, findings: &mut Findings) {
    let count = |verdict: Verdict| reports.iter().filter(|report| report.verdict == verdict).count();
    let bad = count(Verdict::Invalid) + count(Verdict::NoBadge);
    let open = count(Verdict::Undecided);
    let code = match (reports.len(), bad, open) {
        (0, ..) => Code::NoEndorsements,
        (_, 0, 0) => Code::EndorsementsValid,
        (_, 0, _) => Code::EndorsementsUndecided,
        _ => Code::EndorsementsInvalid,
    };
    let number = match code {
        Code::EndorsementsValid => reports.len(),
        Code::EndorsementsUndecided => open,
        _ => bad,
    };
    debug_assert!(code.status() != Status::Fail, "endorsements have verdicts of their own");
    findings.add(Line::new(code, [number.to_string()]));
    findings.nested.extend(reports);
}
