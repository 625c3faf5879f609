//! The stylesheet and the icon: inside the binary, under names that change with their content, so that a browser may keep
//! them for good while every page says `no-store`.

use std::sync::LazyLock;

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

/// One file that ships inside the binary.
#[derive(Debug)]
pub struct Asset {
    /// Its address, `/assets/<name>.<16 hex digits of its SHA-256>.<extension>`.
    pub path: String,
    /// The media type.
    pub content_type: &'static str,
    /// The bytes.
    pub bytes: &'static [u8],
}

/// The stylesheet of all pages.
pub static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    asset(
        "style",
        "css",
        "text/css; charset=utf-8",
        include_bytes!("../../templates/page/assets/style.css"),
    )
});

/// The icon in the browser's tab.
pub static ICON: LazyLock<Asset> = LazyLock::new(|| {
    asset(
        "icon",
        "svg",
        "image/svg+xml",
        include_bytes!("../../templates/page/assets/icon.svg"),
    )
});

/// What the documentation of the interface needs besides.
pub static DOCS: LazyLock<Asset> = LazyLock::new(|| {
    asset(
        "docs",
        "css",
        "text/css; charset=utf-8",
        include_bytes!("../../templates/docs/docs.css"),
    )
});

/// All of them.
pub fn all() -> [&'static Asset; 3] {
    [&STYLE, &ICON, &DOCS]
}

/// The asset at `/assets/<file>`, or nothing.
pub fn find(file: &str) -> Option<&'static Asset> {
    all().into_iter().find(|asset| {
        asset
            .path
            .strip_prefix("/assets/")
            .is_some_and(|name| name == file)
    })
}

/// The answer that carries `asset`, to be kept for a year (RFC 8246: the name changes when the content does).
pub fn answer(asset: &'static Asset) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(asset.content_type)),
        (
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=31536000, immutable"),
        ),
    ];
    (StatusCode::OK, headers, asset.bytes).into_response()
}

fn asset(name: &str, extension: &str, content_type: &'static str, bytes: &'static [u8]) -> Asset {
    let digest = Sha256::digest(bytes);
    let hash = HEXLOWER.encode(&digest[..8]);
    Asset {
        path: format!("/assets/{name}.{hash}.{extension}"),
        content_type,
        bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asset_is_found_by_its_hashed_name_alone() {
        for asset in all() {
            let file = asset.path.strip_prefix("/assets/").unwrap();
            assert_eq!(find(file).unwrap().path, asset.path);
        }
        assert!(find("style.css").is_none());
        assert!(find("../Cargo.toml").is_none());
    }

    #[test]
    fn the_stylesheet_reaches_for_nothing_outside() {
        for style in [&STYLE, &DOCS] {
            let css = std::str::from_utf8(style.bytes).unwrap();
            for forbidden in ["@import", "url(", "http:", "https:", "@font-face"] {
                assert!(!css.contains(forbidden), "{forbidden}");
            }
        }
    }
}
