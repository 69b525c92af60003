//! Requests that do something, for whoever has an account or a key at a server. They pass the same guard; no redirect is followed, because what
//! was signed for one address means nothing at another.

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;

use crate::client::{Asker, explain, media_type};
use crate::{Client, FetchError, guard};

/// A request.
#[derive(Clone, Debug)]
pub struct Request {
    /// `GET`, `POST`, `PUT`, ...
    pub method: &'static str,
    /// The whole address.
    pub url: String,
    /// Headers by name.
    pub headers: Vec<(&'static str, String)>,
    /// The body; empty when there is none.
    pub body: Vec<u8>,
}

/// An answer of any status.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The media type without its parameters.
    pub media_type: Option<String>,
    /// The body.
    pub bytes: Vec<u8>,
}

impl Client {
    /// Sends a request and gives the answer, whatever its status. Blocks the thread.
    ///
    /// # Errors
    /// There was no answer, or it may not be asked for.
    pub fn send(&self, request: Request) -> Result<Answer, FetchError> {
        self.block_on(|asker| async move { asker.send_in_time(request).await })?
    }

    /// The same for an async program, on any runtime. Dropping the future breaks the request off.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn send_async(&self, request: Request) -> Result<Answer, FetchError> {
        self.beside(|asker| async move { asker.send_in_time(request).await }).await
    }
}

impl Asker {
    async fn send_in_time(&self, request: Request) -> Result<Answer, FetchError> {
        let limit = self.policy().timeout;
        tokio::time::timeout(limit, self.send(request)).await.unwrap_or(Err(FetchError::Timeout { limit }))
    }

    async fn send(&self, request: Request) -> Result<Answer, FetchError> {
        if self.policy().offline {
            return Err(FetchError::Offline);
        }
        let url = guard::first(&request.url, self.policy())?;
        let door = self.door(&url).await?;
        let bad = |why: &str| FetchError::BadUrl { url: request.url.clone(), why: why.to_owned() };
        let method = Method::from_bytes(request.method.as_bytes()).map_err(|_| bad("method"))?;
        let mut sending = door.request(method, url.clone());
        for (name, value) in &request.headers {
            sending = sending.header(*name, value);
        }
        let response = sending.body(request.body).send().await.map_err(|error| explain(&url, &error))?;
        let status = response.status().as_u16();
        let media_type = response.headers().get(CONTENT_TYPE).and_then(media_type);
        Ok(Answer { status, media_type, bytes: self.body(&url, response).await? })
    }
}
