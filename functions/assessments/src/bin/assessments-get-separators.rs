//! `GET /v1/orgs/{org}/assessments/{assessment}/separators`: a PDF of separator sheets, to be printed and put between the
//! scripts before a whole class is scanned. It is made for the call and kept nowhere.

use std::process::ExitCode;

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use smartscripts_domain::{
    Error,
    id::{AssessmentId, OrgId, TeamId},
    separator::{Separator, Whose},
};
use smartscripts_http::{App, OfAssessment, Parameters, Result, State, may, routes, serve};
use smartscripts_sheets::{SHEETS, Sheet, print};
use smartscripts_store::Student;
use utoipa::IntoParams;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SeparatorsQuery {
    /// The students of this team; else of the assessment's team, or of the whole roster if it has none.
    team: Option<TeamId>,
    /// So many sheets with a number in the place of a student.
    #[param(minimum = 1, maximum = 1000)]
    blank: Option<u32>,
}

/// Print separator sheets
#[utoipa::path(
    get,
    path = "/v1/orgs/{org}/assessments/{assessment}/separators",
    params(("org" = OrgId, Path), ("assessment" = AssessmentId, Path), SeparatorsQuery),
    responses((status = 200, content((String = "application/pdf")), description = "One A4 sheet per script")),
    security(("access_token" = []))
)]
async fn get(
    State(app): State<App>,
    of: OfAssessment<may::ManageSubmissions>,
    Parameters(query): Parameters<SeparatorsQuery>,
) -> Result<Response> {
    let sheets = match query {
        SeparatorsQuery { team: Some(_), blank: Some(_) } => {
            return Err(Error::invalid("query_invalid", "Give either `team` or `blank`.").into());
        }
        SeparatorsQuery { blank: Some(count), .. } => numbered(&of, count)?,
        SeparatorsQuery { team, .. } => of_students(&app, &of, team).await?,
    };
    let pdf = print(&of.assessment.title, &sheets)?;
    Ok(([(header::CONTENT_TYPE, "application/pdf")], pdf).into_response())
}

fn numbered(of: &OfAssessment<may::ManageSubmissions>, count: u32) -> Result<Vec<Sheet>, Error> {
    if !(1..=SHEETS).contains(&(count as usize)) {
        return Err(Error::invalid("query_invalid", format!("`blank` must lie between 1 and {SHEETS}.")));
    }
    let sheet = |number| Sheet {
        separator: Separator { assessment: of.assessment.id, whose: Whose::Number(number) },
        name: format!("Script {number}"),
        number: String::new(),
    };
    Ok((1..=count).map(sheet).collect())
}

/// A sheet for each student within the caller's reach, in the order of their names.
async fn of_students(
    app: &App,
    of: &OfAssessment<may::ManageSubmissions>,
    team: Option<TeamId>,
) -> Result<Vec<Sheet>, Error> {
    if let Some(team) = team {
        of.access.team(app.store()?, team).await?;
    }
    let team = team.or(of.assessment.team);
    let mut students = app.store()?.all_students(of.tenant).await?;
    let is_meant = |student: &Student| team.is_none_or(|team| student.teams.contains(&team));
    students.retain(|student| is_meant(student) && of.reaches_student(student));
    if students.is_empty() {
        let message = "There is no student to print a sheet for. Import the roster first, or ask for numbered sheets with \
                       `blank`.";
        return Err(Error::conflict("students_missing", message));
    }
    if students.len() > SHEETS {
        let message = format!("These are {} students; {SHEETS} can be printed at once. Name a `team`.", students.len());
        return Err(Error::conflict("too_many_sheets", message));
    }
    students.sort_by(|one, other| (&one.name, &one.number).cmp(&(&other.name, &other.number)));
    let sheet = |student: Student| Sheet {
        separator: Separator { assessment: of.assessment.id, whose: Whose::Student(student.id) },
        name: student.name,
        number: student.number,
    };
    Ok(students.into_iter().map(sheet).collect())
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(get))
}
