//! The two ways out: a mail server, over TLS; or a folder of `.eml` files, for trying out.

use std::io::Write;
use std::path::{Path, PathBuf};

use lettre::address::Envelope;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use satchel_protocol::EmailAddress;

use super::letter::Text;
use crate::settings::{Mail, Settings};
use crate::store::outbox::Letter;

/// How long somebody waits who asks whether the mail server is there.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(15);

/// How mail leaves.
pub struct Sender {
    from: Option<Mailbox>,
    domain: String,
    /// Where mails go back to that cannot be delivered.
    bounces: Option<EmailAddress>,
    way: Way,
}

enum Way {
    Nowhere,
    Folder(PathBuf),
    Smtp(Box<AsyncSmtpTransport<Tokio1Executor>>),
}

/// What became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It was taken.
    Taken,
    /// The mail server was not there, or does not take mail of ours; that says nothing about this mail.
    Down,
    /// It may be tried again later.
    Later,
    /// It was refused for good.
    Refused,
}

impl Sent {
    /// The name for logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Down => "down",
            Self::Later => "later",
            Self::Refused => "refused",
        }
    }
}

/// A machine wrote it: no answer by a machine, please (RFC 3834, 5).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), String::from("auto-generated"))
    }
}

/// How one gets no more of it, by one press in a program for mail (RFC 2369, RFC 8058).
#[derive(Clone)]
struct Unsubscribe(String);

impl Header for Unsubscribe {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("List-Unsubscribe")
    }

    fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(text.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), format!("<{}>", self.0))
    }
}

/// That the press is a POST.
#[derive(Clone)]
struct OneClick;

impl Header for OneClick {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("List-Unsubscribe-Post")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), String::from("List-Unsubscribe=One-Click"))
    }
}

impl Sender {
    /// As the settings have it.
    ///
    /// # Errors
    /// What cannot be used, in words.
    pub fn new(settings: &Settings) -> Result<Self, String> {
        let mail = &settings.mail;
        let sender = mail.from.as_ref().map(|from| mailbox(Some(&settings.name), from)).transpose()?;
        let domain = mail.from.as_ref().map_or("localhost", EmailAddress::domain).to_owned();
        let way = match (&mail.smtp, &mail.dir) {
            (_, Some(folder)) => {
                crate::admin::private_folder(folder)?;
                Way::Folder(folder.clone())
            }
            (Some(_), None) => Way::Smtp(Box::new(transport(mail)?)),
            (None, None) => Way::Nowhere,
        };
        Ok(Self { from: sender, domain, bounces: mail.bounces.clone(), way })
    }

    /// Whether the mail server is there, trusts us and answers; nothing is sent.
    ///
    /// # Errors
    /// Why not, in words.
    pub async fn try_out(settings: &Settings) -> Result<(), String> {
        let way = transport(&settings.mail)?;
        match tokio::time::timeout(PATIENCE, way.test_connection()).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err(String::from("it hung up")),
            Ok(Err(error)) => {
                let cause = std::error::Error::source(&error).map(|cause| format!(" ({cause})")).unwrap_or_default();
                Err(satchel_badge::words::plain(&format!("{error}{cause}")).take(300).collect())
            }
            Err(_) => Err(String::from("it does not answer")),
        }
    }

    /// Sends a mail.
    pub async fn send(&self, letter: &Letter, text: &Text) -> Sent {
        let message = match self.message(letter, text) {
            Ok(message) => message,
            Err(error) => {
                tracing::error!(id = %letter.id, %error, "a mail could not be written");
                return Sent::Refused;
            }
        };
        match &self.way {
            Way::Nowhere => Sent::Down,
            Way::Folder(folder) => match write(folder, letter, &message.formatted()) {
                Ok(()) => Sent::Taken,
                Err(error) => {
                    tracing::error!(%error, "the folder for mail cannot be written");
                    Sent::Down
                }
            },
            Way::Smtp(transport) => match transport.send(message).await {
                Ok(_) => Sent::Taken,
                // The words of a mail server may hold the address: the status alone is told.
                Err(error) => {
                    let (status, mut became) = judge(&error);
                    if became == Sent::Down && is_perhaps_about_it(&error) && transport.test_connection().await.unwrap_or(false) {
                        became = if error.is_client() { Sent::Refused } else { Sent::Later };
                    }
                    tracing::warn!(id = %letter.id, status, tls = error.is_tls(), timeout = error.is_timeout(), "the mail server did not take a mail");
                    became
                }
            },
        }
    }

    fn message(&self, letter: &Letter, text: &Text) -> Result<Message, String> {
        let from = match &self.from {
            Some(from) => from.clone(),
            None => Mailbox::new(None, Address::new("satchel", "localhost.localdomain").map_err(|error| error.to_string())?),
        };
        // One line, whatever a badge is called; lettre encodes what is not ASCII.
        let subject: String = text.subject.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let mut message = Message::builder();
        if let Some(back) = &self.bounces {
            let to = mailbox(None, &letter.address)?.email;
            let envelope = Envelope::new(Some(mailbox(None, back)?.email), vec![to]);
            message = message.envelope(envelope.map_err(|error| error.to_string())?);
        }
        if let Some(leave) = &text.leave {
            message = message.header(Unsubscribe(leave.clone())).header(OneClick);
        }
        message
            .from(from)
            .to(mailbox(None, &letter.address)?)
            .subject(subject)
            .message_id(Some(format!("<{}@{}>", letter.id, self.domain)))
            .date_now()
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative_plain_html(text.plain(), text.html()))
            .map_err(|error| error.to_string())
    }
}

/// What an error of the mail server means for a mail. Only what can be about its addressee refuses it for good; a wrong password of ours is none
/// of its business (RFC 4954, 6; RFC 5321, 4.2.2).
fn judge(error: &lettre::transport::smtp::Error) -> (u16, Sent) {
    let Some(status) = error.status().map(u16::from) else { return (0, Sent::Down) };
    let became = match status {
        421 | 432 | 454 | 500..=504 | 530..=538 => Sent::Down,
        400..=499 => Sent::Later,
        _ => Sent::Refused,
    };
    (status, became)
}

/// Whether an error that is mostly about the mail server may be about this mail all the same: an address that its rules, or those of lettre,
/// do not admit. Then it is so if the mail server is there, trusts us, and answers.
fn is_perhaps_about_it(error: &lettre::transport::smtp::Error) -> bool {
    error.is_client() || error.status().is_some_and(|status| matches!(u16::from(status), 500..=504))
}

fn mailbox(name: Option<&str>, address: &EmailAddress) -> Result<Mailbox, String> {
    let (user, domain) = address.as_str().rsplit_once('@').unwrap_or_default();
    let address = Address::new(user, domain).map_err(|error| error.to_string())?;
    Ok(Mailbox::new(name.map(str::to_owned), address))
}

fn transport(mail: &Mail) -> Result<AsyncSmtpTransport<Tokio1Executor>, String> {
    let url = mail.smtp.as_ref().ok_or("mail.smtp is missing")?;
    let host = url.host_str().ok_or("mail.smtp has no host")?.to_owned();
    let plain = url.query_pairs().any(|(name, value)| name == "tls" && value == "none");
    let tls = |wrapped: bool| -> Result<Tls, String> {
        let mut parameters = TlsParameters::builder(host.clone());
        if let Some(file) = &mail.ca {
            let pem = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
            let authority = Certificate::from_pem(&pem).map_err(|error| format!("{}: {error}", file.display()))?;
            parameters = parameters.add_root_certificate(authority);
        }
        let parameters = parameters.build_rustls().map_err(|error| error.to_string())?;
        Ok(if wrapped { Tls::Wrapper(parameters) } else { Tls::Required(parameters) })
    };
    let (tls, port) = match url.scheme() {
        "smtps" => (tls(true)?, 465),
        // Checked with the settings: only to this machine.
        "smtp" if plain => (Tls::None, 25),
        _ => (tls(false)?, 587),
    };
    let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host).port(url.port().unwrap_or(port)).tls(tls);
    let decoded = |text: &str| {
        url::form_urlencoded::parse(format!("x={}", text.replace('+', "%2B")).as_bytes()).next().map(|(_, it)| it.into_owned())
    };
    let builder = match (decoded(url.username()), url.password().and_then(decoded)) {
        (Some(user), Some(password)) if !user.is_empty() => builder.credentials(Credentials::new(user, password)),
        _ => builder,
    };
    Ok(builder.timeout(Some(std::time::Duration::from_mins(1))).build())
}

/// Writes a mail whole or not at all.
fn write(folder: &Path, letter: &Letter, bytes: &[u8]) -> std::io::Result<()> {
    let half = folder.join(format!(".{}.part", letter.id));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    // Its links open something.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&half)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&half, folder.join(format!("{}.eml", letter.id)))
}
