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
    /// The hidden fields of the page's form for that path, which go back as they are.
    pub(super) fn hidden(&self, action: &str) -> Vec<(&str, &str)> {
        let start = format!(" action=\"{action}\"");
        let form = self.body.split_once(&start).map_or("", |(_, rest)| rest);
        let form = form.split("</form>").next().unwrap_or_default();
        form.split("<input type=\"hidden\" name=\"")
            .skip(1)
            .filter_map(|tag| tag.split_once("\" value=\""))
            .filter_map(|(name, rest)| Some((name, rest.split_once('"')?.0)))
            .collect()
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
        let answer = read(
            b"HTTP/1.0 422 Unprocessable\r\nA: b\r\n\r\n\
              <form method=\"post\" action=\"/stop\"><input type=\"hidden\" name=\"token\" value=\"y\"></form>\
              <form method=\"post\" action=\"/accept\" novalidate><input type=\"hidden\" name=\"token\" value=\"x-1\">\
              <input type=\"text\" name=\"family\" value=\"z\"><input type=\"hidden\" name=\"shown\" value=\"0a\"></form>",
        )
        .unwrap();
        assert_eq!(answer.status, 422);
        assert_eq!(
            answer.hidden("/accept"),
            [("token", "x-1"), ("shown", "0a")]
        );
        assert!(answer.hidden("/decline").is_empty());
        assert!(read(b"220 sink ESMTP").is_none());
    }
}
