//! Mails that came back (R06): a report of a mail server that it could not deliver (RFC 3464), handed in by `satchel admin bounce`. It counts
//! when it holds the `Message-ID` of a mail of ours, which nobody can guess, and says that delivery failed for good.

use satchel_protocol::Id;

/// Bytes of a report that are read.
pub const MOST: usize = 1 << 20;

/// What a report says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// The mail with this id could not be delivered, and will not be.
    Failed(Id),
    /// It is late, or was delivered after all.
    Other(Id),
}

/// Reads a report; none when it is no report, or about no mail of ours.
pub fn read(mail: &[u8]) -> Option<Report> {
    let text = String::from_utf8_lossy(&mail[..mail.len().min(MOST)]).replace("\r\n", "\n");
    let (head, body) = text.split_once("\n\n")?;
    let head = unfold(head);
    let kind = header(&head, "content-type")?;
    let lower = kind.to_ascii_lowercase();
    if !lower.starts_with("multipart/report") || !lower.contains("delivery-status") {
        return None;
    }
    let at = lower.find("boundary=")? + "boundary=".len();
    let boundary = kind[at..].trim_start_matches('"').split(['"', ';', ' ']).next()?;
    let (mut failed, mut id) = (false, None);
    for part in body.split(&format!("--{boundary}")).skip(1) {
        let Some((head, content)) = part.split_once("\n\n") else { continue };
        let kind = header(&unfold(head), "content-type").unwrap_or_default().to_ascii_lowercase();
        match kind.split(';').next().unwrap_or_default().trim() {
            "message/delivery-status" | "message/global-delivery-status" => {
                let action = |block: &str| header(&unfold(block), "action");
                failed |= content.split("\n\n").filter_map(action).any(|action| action.eq_ignore_ascii_case("failed"));
            }
            "message/rfc822" | "message/global" | "text/rfc822-headers" | "message/global-headers" => {
                let head = content.trim_start().split("\n\n").next().unwrap_or_default();
                id = header(&unfold(head), "message-id").and_then(|text| id_of(&text)).or(id);
            }
            _ => {}
        }
    }
    id.map(|id| if failed { Report::Failed(id) } else { Report::Other(id) })
}

/// Folded lines go on after a space (RFC 5322, 2.2.3).
fn unfold(head: &str) -> String {
    head.replace("\n ", " ").replace("\n\t", " ")
}

fn header(head: &str, name: &str) -> Option<String> {
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    lines.into_iter().find(|(known, _)| known.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
}

/// The id in a `Message-ID` of ours, `<ID@DOMAIN>`.
fn id_of(text: &str) -> Option<Id> {
    text.strip_prefix('<')?.split_once('@')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "01956f3e-8a00-7000-8000-000000000001";

    fn report(action: &str, id: &str) -> String {
        format!(
            "From: MAILER-DAEMON@mail.example\r\nTo: bounces@badges.example\r\nContent-Type: multipart/report;\r\n report-type=delivery-status;\r\n\
             \tboundary=\"=_b1\"\r\n\r\nThis is a MIME mail.\r\n\r\n--=_b1\r\nContent-Type: text/plain\r\n\r\nI am sorry.\r\n\r\n--=_b1\r\n\
             Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.example\r\n\r\nFinal-Recipient: rfc822; ada@posta.example\r\n\
             Action: {action}\r\nStatus: 5.1.1\r\n\r\n--=_b1\r\nContent-Type: message/rfc822\r\n\r\nTo: ada@posta.example\r\n\
             Subject: A badge\r\n for you\r\nMessage-ID: <{id}@badges.example>\r\n\r\nHello\r\n\r\n--=_b1--\r\n"
        )
    }

    #[test]
    fn a_report_of_failure_names_the_mail_that_came_back() {
        let id = ID.parse().unwrap();
        assert_eq!(read(report("failed", ID).as_bytes()), Some(Report::Failed(id)));
        assert_eq!(read(report("failed", ID).replace("\r\n", "\n").as_bytes()), Some(Report::Failed(id)));
        assert_eq!(read(report("delayed", ID).as_bytes()), Some(Report::Other(id)));
    }

    #[test]
    fn whatever_is_no_report_about_a_mail_of_ours_is_nothing() {
        for text in [
            report("failed", "somebody-elses"),
            report("failed", ID).replace("multipart/report", "multipart/mixed"),
            report("failed", ID).replace("message/rfc822", "text/plain"),
            String::from("Subject: Out of office\r\n\r\nI am away."),
            String::from("no mail"),
            String::new(),
        ] {
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
    }
}
