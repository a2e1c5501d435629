//! What a handler is given from the request. A refusal says what is wrong and what to do.

use axum::{
    extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Query, Request},
    http::{HeaderMap, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use smartscripts_domain::{Error, Kind, Result, document::DOCUMENT_BYTES};
use smartscripts_store::IdempotencyKey;
use utoipa::IntoParams;

use crate::{App, Problem};

/// What is said of a body that is larger than bodies may be.
const TOO_LARGE: &str = "The body is larger than 1 MiB.";

/// A JSON body. Unknown fields are refused by the types themselves.
#[derive(Clone, Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (_, bytes) = body(request, app).await?;
        Ok(Self(parse(&bytes)?))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// A JSON body with the client's `Idempotency-Key`, if it sent one.
#[derive(Clone, Debug)]
pub struct IdempotentJson<T> {
    /// The body.
    pub input: T,
    /// The key, bound to this route and this body.
    pub key: Option<IdempotencyKey>,
}

impl<T: DeserializeOwned> FromRequest<App> for IdempotentJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (headers, bytes) = body(request, app).await?;
        let key = headers.get("idempotency-key").map(|value| value.to_str().unwrap_or_default());
        let key = key.map(|key| IdempotencyKey::new(app.name(), key, &bytes)).transpose()?;
        Ok(Self { input: parse(&bytes)?, key })
    }
}

/// A spreadsheet's file as it is, in whatever encoding. The gateway hands on as text what is sent as `text/…`, and whatever
/// isn't UTF-8 is lost then: `application/octet-stream` leaves every byte as it is.
#[derive(Clone, Debug)]
pub struct CsvFile(pub axum::body::Bytes);

impl FromRequest<App> for CsvFile {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (_, bytes) = body_of_type(request, app, &["application/octet-stream", "text/csv"], TOO_LARGE).await?;
        Ok(Self(bytes))
    }
}

/// A document as it is, of up to four mebibytes: what fits into a request when its bytes are written in base 64.
#[derive(Clone, Debug)]
pub struct DocumentFile(pub axum::body::Bytes);

impl FromRequest<App> for DocumentFile {
    type Rejection = Problem;

    async fn from_request(mut request: Request, app: &App) -> Result<Self, Problem> {
        DefaultBodyLimit::max(DOCUMENT_BYTES).apply(&mut request);
        let too_large = "The document is larger than 4 MiB. Save it without pictures, or paste its text.";
        let (_, bytes) = body_of_type(request, app, &["application/octet-stream"], too_large).await?;
        Ok(Self(bytes))
    }
}

/// A body as it was sent, byte by byte, with the signature that Stripe has sent beside it. Whoever takes it checks it.
#[derive(Clone, Debug)]
pub struct SignedBody {
    /// The header `Stripe-Signature`; none if there is none, or it is no text.
    pub signature: Option<String>,
    /// The body.
    pub bytes: axum::body::Bytes,
}

impl FromRequest<App> for SignedBody {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let signature = request.headers().get("stripe-signature").and_then(|value| value.to_str().ok());
        let signature = signature.map(ToOwned::to_owned);
        Ok(Self { signature, bytes: whole(request, app, TOO_LARGE).await? })
    }
}

async fn body(request: Request, app: &App) -> Result<(HeaderMap, axum::body::Bytes), Problem> {
    body_of_type(request, app, &["application/json"], TOO_LARGE).await
}

async fn body_of_type(
    request: Request,
    app: &App,
    media_types: &[&str],
    too_large: &'static str,
) -> Result<(HeaderMap, axum::body::Bytes), Problem> {
    let headers = request.headers().clone();
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    if !media_types.iter().any(|wanted| media_type.eq_ignore_ascii_case(wanted)) {
        let message = format!("Send the body as `Content-Type: {}`.", media_types.join("` or `"));
        return Err(Error::invalid("content_type_wrong", message).into());
    }
    Ok((headers, whole(request, app, too_large).await?))
}

async fn whole(request: Request, app: &App, too_large: &'static str) -> Result<axum::body::Bytes> {
    let bytes = axum::body::Bytes::from_request(request, app).await;
    let too_large = |_| Error::new(Kind::TooLarge, "body_too_large", too_large);
    bytes.map_err(too_large)
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let deserializer = &mut serde_json::Deserializer::from_slice(bytes);
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let (path, problem) = (error.path().to_string(), error.inner());
        Error::invalid("body_invalid", format!("The body is not as it must be, at `{path}`: {problem}."))
    })
}

/// The ids in the path, as a tuple in the path's order. One that can't be an id names nothing: 404.
#[derive(Clone, Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, app).await;
        path.map(|axum::extract::Path(ids)| Self(ids)).map_err(|_| Error::not_found().into())
    }
}

/// The query's parameters. Unknown ones are refused by the types themselves.
#[derive(Clone, Debug)]
pub struct Parameters<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<App> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let query = Query::<T>::from_request_parts(parts, app).await;
        let Query(query) = query.map_err(|error| Error::invalid("query_invalid", error.body_text()))?;
        Ok(Self(query))
    }
}

/// Which page of a list.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListingQuery {
    /// How many entries at most.
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: Option<usize>,
    /// The `cursor` of the page before.
    cursor: Option<String>,
}

/// Which page of a list: `?limit=` (1–100, 50 unless told) and `?cursor=`.
#[derive(Clone, Debug)]
pub struct Listing {
    /// How many entries at most.
    pub limit: usize,
    /// Where the page begins.
    pub cursor: Option<String>,
}

impl IntoParams for Listing {
    fn into_params(
        parameter_in: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
    ) -> Vec<utoipa::openapi::path::Parameter> {
        ListingQuery::into_params(parameter_in)
    }
}

impl FromRequestParts<App> for Listing {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Parameters(query) = Parameters::<ListingQuery>::from_request_parts(parts, app).await?;
        let limit = query.limit.unwrap_or(50);
        if !(1..=100).contains(&limit) {
            return Err(Error::invalid("limit_invalid", "`limit` must lie between 1 and 100.").into());
        }
        Ok(Self { limit, cursor: query.cursor })
    }
}
