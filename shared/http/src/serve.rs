//! A route as a Lambda function.

use std::{any::Any, process::ExitCode, sync::Arc, time::Instant};

use axum::{
    Router,
    extract::{DefaultBodyLimit, MatchedPath, Request},
    http::{Extensions, HeaderValue},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use lambda_http::request::RequestContext;
use smartscripts_domain::Error;
use smartscripts_telemetry::{Settings, Telemetry};
use tower_http::catch_panic::CatchPanicLayer;
use tracing::{Instrument, field, info_span};
use ulid::Ulid;
use utoipa::ToSchema as _;
use utoipa::openapi::{ComponentsBuilder, ContentBuilder, OpenApi, RefOr, ResponseBuilder, schema::Ref};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use crate::{App, Problem, problem::ProblemBody, rate::Noted};

/// The largest request body in bytes.
const BODY_BYTES: usize = 1024 * 1024;

/// The id of the request, the gateway's where there is one. Every log line, audit event and job it causes carries it.
#[derive(Clone, Debug)]
pub struct RequestId(String);

impl RequestId {
    pub(crate) fn of(extensions: &Extensions) -> String {
        extensions.get::<Self>().map(|id| id.0.clone()).unwrap_or_default()
    }
}

impl axum::extract::FromRequestParts<App> for RequestId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, _: &App) -> Result<Self, Problem> {
        Ok(Self(Self::of(&parts.extensions)))
    }
}

impl AsRef<str> for RequestId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// The `OpenAPI` description of one route, as `<function> --openapi` prints it; `make openapi` joins them.
#[derive(Clone)]
pub struct Document(pub OpenApi);

impl Document {
    /// `operationId` is the function's name in Pascal case, the same as its logical id in `template.yaml`.
    fn new(name: &str, mut api: OpenApi) -> Self {
        let operation_id: String = name.split('-').map(capitalize).collect();
        let area = name.split('-').next().unwrap_or_default().to_owned();
        let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let problem = ResponseBuilder::new()
            .description("What is wrong, and what to do")
            .content("application/problem+json", problem);
        let problem = problem.build();
        for item in api.paths.paths.values_mut() {
            let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch];
            for operation in operations.into_iter().flatten() {
                operation.operation_id = Some(operation_id.clone());
                operation.tags = Some(vec![area.clone()]);
                operation.responses.responses.insert("default".to_owned(), RefOr::T(problem.clone()));
            }
        }
        let components = api.components.take().unwrap_or_default();
        let (name, schema) = (ProblemBody::name(), <ProblemBody as utoipa::PartialSchema>::schema());
        let mut with_problem = ComponentsBuilder::from(components).schema(name, schema).build();
        with_problem.add_security_scheme(
            "access_token",
            utoipa::openapi::security::SecurityScheme::Http(utoipa::openapi::security::Http::new(
                utoipa::openapi::security::HttpAuthScheme::Bearer,
            )),
        );
        api.components = Some(with_problem);
        Self(api)
    }
}

fn capitalize(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Serves one route until the environment ends. `name` is the function's name, `env!("CARGO_BIN_NAME")`. With the argument
/// `--openapi` it prints the route's description instead and ends.
#[must_use]
pub fn serve(name: &'static str, route: UtoipaMethodRouter<App>) -> ExitCode {
    let (router, api) = OpenApiRouter::new().routes(route).split_for_parts();
    if std::env::args().nth(1).as_deref() == Some("--openapi") {
        return print(&Document::new(name, api));
    }
    let telemetry = Arc::new(Telemetry::start(name, &Settings::from_env()));
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return refuse_to_start(&Error::internal(error)),
    };
    runtime.block_on(async {
        let config = smartscripts_aws::config_from_env();
        let app = App::new(name, config);
        let router = with_layers(name, router, &telemetry).with_state(app);
        match lambda_http::run(router).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => refuse_to_start(&Error::internal(error)),
        }
    })
}

#[expect(clippy::print_stdout, reason = "the document is the program's output")]
fn print(document: &Document) -> ExitCode {
    match document.0.to_pretty_json() {
        Ok(json) => println!("{json}"),
        Err(error) => return refuse_to_start(&Error::internal(error)),
    }
    ExitCode::SUCCESS
}

fn refuse_to_start(error: &Error) -> ExitCode {
    tracing::error!(code = error.code(), context = error.context(), "the function cannot run");
    ExitCode::FAILURE
}

fn with_layers(name: &'static str, router: Router<App>, telemetry: &Arc<Telemetry>) -> Router<App> {
    let telemetry = Arc::clone(telemetry);
    router
        .fallback(|| async { Problem::from(Error::not_found()) })
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(move |request: Request, next: Next| {
            let telemetry = Arc::clone(&telemetry);
            async move {
                let response = answer(name, request, next).await;
                telemetry.flush();
                response
            }
        }))
}

fn panicked(_: Box<dyn Any + Send>) -> Response {
    Problem::from(Error::internal("the handler panicked")).into_response()
}

/// Gives the request its id and its span, lets it be handled, logs one line, and renders a problem if there was one.
async fn answer(name: &str, mut request: Request, next: Next) -> Response {
    let gateway_id = match request.extensions().get::<RequestContext>() {
        Some(RequestContext::ApiGatewayV2(context)) => context.request_id.clone(),
        _ => None,
    };
    let request_id = gateway_id.unwrap_or_else(|| Ulid::generate().to_string());
    request.extensions_mut().insert(RequestId(request_id.clone()));
    let noted = Noted::default();
    request.extensions_mut().insert(noted.clone());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let span =
        info_span!("request", function = name, request_id, %method, route, user = field::Empty, org = field::Empty);
    let started = Instant::now();
    async {
        let mut response = next.run(request).await;
        let milliseconds = started.elapsed().as_millis() as u64;
        if let Some(problem) = response.extensions().get::<Problem>().cloned() {
            response = problem.render(&request_id);
            log_problem(&problem, response.status().as_u16(), milliseconds);
        } else {
            tracing::info!(status = response.status().as_u16(), milliseconds, "answered");
        }
        if let Ok(value) = HeaderValue::from_str(&request_id) {
            response.headers_mut().insert("x-request-id", value);
        }
        noted.tell(response.headers_mut());
        response.headers_mut().entry("cache-control").or_insert(HeaderValue::from_static("no-store"));
        response
    }
    .instrument(span)
    .await
}

fn log_problem(problem: &Problem, status: u16, milliseconds: u64) {
    let error = problem.error();
    let (code, context) = (error.code(), error.context());
    if status >= 500 {
        tracing::error!(status, milliseconds, code, context, "answered");
    } else {
        tracing::info!(status, milliseconds, code, context, "answered");
    }
}
