//! Puts an organization on a plan (`make set-plan ORG=org_… PLAN=school`). For operators, with the credentials of their
//! environment. The change and its audit event are one transaction.

#![expect(clippy::print_stdout, reason = "what it has done is the program's output")]

use std::process::ExitCode;

use clap::Parser;
use smartscripts_domain::{Result, id::OrgId, plan::Plan};
use smartscripts_store::{Organization, Origin, Platform, Store};
use ulid::Ulid;

/// How the audit log names this program.
const NAME: &str = "set-plan";

#[derive(Parser)]
#[command(about, version)]
struct Arguments {
    /// The table of tenants.
    #[arg(long, env = "TENANTS_TABLE")]
    tenants: String,
    /// The table of audit events.
    #[arg(long, env = "AUDIT_TABLE")]
    audit: String,
    /// The organization.
    #[arg(long)]
    org: OrgId,
    /// free, teacher, school or district.
    #[arg(long)]
    plan: Plan,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(organization) => {
            println!("{} is on the plan {} now.", organization.id, organization.plan.name());
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("Nothing was changed: {} {}", error.message(), error.context().unwrap_or_default());
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<Organization> {
    let store = Store::new(&smartscripts_aws::config_from_env(), arguments.tenants, arguments.audit);
    // The operator's call has no request, so it gets an id of its own.
    let origin = Origin::of_task(&Ulid::generate().to_string());
    Platform::new(store).set_plan(arguments.org, arguments.plan, NAME, &origin).await
}
