//! A browser in a few lines: one request to our own pages on loopback, as HTTP/1.0, so that the answer ends with the line.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::error::DemoError;

const PATIENCE: Duration = Duration::from_secs(20);
/// No page of ours is longer.
const LARGEST: u64 = 4 * 1024 * 1024;

/// What a page answered.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    /// The status.
    pub(super) status: u16,
    /// The page.
    pub(super) body: String,
}

impl Answer {
    /// The value of a hidden field of a form on the page.
    pub(super) fn hidden(&self, name: &str) -> Option<&str> {
        let start = format!("name=\"{name}\" value=\"");
        let (_, rest) = self.body.split_once(&start)?;
        Some(rest.split_once('"')?.0)
    }
}

/// Follows a link.
///
/// # Errors
/// The pages do not answer.
pub(super) async fn get(pages: SocketAddr, path: &str) -> Result<Answer, DemoError> {
    send(
        pages,
        &format!("GET {path} HTTP/1.0\r\nHost: {pages}\r\n\r\n"),
    )
    .await
}

/// Sends a form of a page of ours.
///
/// # Errors
/// The pages do not answer.
pub(super) async fn post(
    pages: SocketAddr,
    path: &str,
    fields: &[(&str, &str)],
) -> Result<Answer, DemoError> {
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let request = format!(
        "POST {path} HTTP/1.0\r\nHost: {pages}\r\nOrigin: http://{pages}\r\nUser-Agent: countersign-demo\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    send(pages, &request).await
}

async fn send(pages: SocketAddr, request: &str) -> Result<Answer, DemoError> {
    let exchange = async {
        let mut stream = TcpStream::connect(pages).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut bytes = Vec::new();
        stream.take(LARGEST).read_to_end(&mut bytes).await?;
        Ok::<_, std::io::Error>(bytes)
    };
    let unexpected = |what: String| DemoError::Unexpected(format!("the pages {what}"));
    let bytes = tokio::time::timeout(PATIENCE, exchange)
        .await
        .map_err(|_| unexpected("did not answer in time".to_owned()))?
        .map_err(|error| unexpected(format!("did not answer: {error}")))?;
    read(&bytes).ok_or_else(|| unexpected("answered something that is no HTTP".to_owned()))
}

fn read(bytes: &[u8]) -> Option<Answer> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.lines().next()?.split(' ').nth(1)?.parse().ok()?;
    Some(Answer {
        status,
        body: body.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_with_its_status_and_the_fields_of_its_form() {
        let answer =
            read(b"HTTP/1.0 422 Unprocessable\r\nA: b\r\n\r\n<input name=\"token\" value=\"x-1\">")
                .unwrap();
        assert_eq!(answer.status, 422);
        assert_eq!(answer.hidden("token"), Some("x-1"));
        assert_eq!(answer.hidden("agreement"), None);
        assert!(read(b"220 sink ESMTP").is_none());
    }
}
