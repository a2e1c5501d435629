//! The walls between organizations, and between roles, tried on every route that there is.
//!
//! The routes are those that the running system describes (`/v1/openapi.json`), which another test compares with
//! `template.yaml`. Each route under `/v1/orgs/{org}` must have a row here, so a new route without one fails.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use serde_json::{Value, json};
use smartscripts_domain::permission::{Permission, Role};
use smartscripts_e2e::{Answer, File, GOOD_SCRIPT, Teacher, cloud, small_guide, unique};

/// The permission that each route demands.
const ROWS: &[(&str, Permission)] = &[
    ("OrgsGet", Permission::ReadOrganization),
    ("OrgsUpdate", Permission::ManageOrganization),
    ("OrgsDelete", Permission::DeleteOrganization),
    ("OrgsRestore", Permission::DeleteOrganization),
    ("OrgsLeave", Permission::ReadOrganization),
    ("OrgsListMembers", Permission::ReadMembers),
    ("OrgsUpdateMember", Permission::ManageMembers),
    ("OrgsRemoveMember", Permission::ManageMembers),
    ("OrgsCreateTeam", Permission::ManageTeams),
    ("OrgsListTeams", Permission::ReadTeams),
    ("OrgsUpdateTeam", Permission::ManageTeams),
    ("OrgsDeleteTeam", Permission::ManageTeams),
    ("OrgsAddTeamMember", Permission::ManageTeams),
    ("OrgsRemoveTeamMember", Permission::ManageTeams),
    ("OrgsCreateInvites", Permission::ManageMembers),
    ("OrgsListInvites", Permission::ManageMembers),
    ("OrgsResendInvite", Permission::ManageMembers),
    ("OrgsRevokeInvite", Permission::ManageMembers),
    ("OrgsCreateApiKey", Permission::CreateApiKeys),
    ("OrgsListApiKeys", Permission::ManageApiKeys),
    ("OrgsRevokeApiKey", Permission::ManageApiKeys),
    ("OrgsListStudents", Permission::ReadMembers),
    ("OrgsCreateStudent", Permission::ManageMembers),
    ("OrgsGetStudent", Permission::ReadMembers),
    ("OrgsUpdateStudent", Permission::ManageMembers),
    ("OrgsRemoveStudent", Permission::ManageMembers),
    ("OrgsPreviewRosterImport", Permission::ManageMembers),
    ("OrgsGetRosterImport", Permission::ManageMembers),
    ("OrgsCommitRosterImport", Permission::ManageMembers),
    ("AssessmentsCreate", Permission::ManageAssessments),
    ("AssessmentsList", Permission::ReadAssessments),
    ("AssessmentsGet", Permission::ReadAssessments),
    ("AssessmentsGetSeparators", Permission::ManageSubmissions),
    ("AssessmentsSetDisagreement", Permission::ManageAssessments),
    ("AssessmentsPublishGuide", Permission::ManageAssessments),
    ("AssessmentsReadGuideFile", Permission::ManageAssessments),
    ("AssessmentsGetGuide", Permission::ReadAssessments),
    ("SubmissionsCreate", Permission::ManageSubmissions),
    ("SubmissionsList", Permission::ReadSubmissions),
    ("SubmissionsGet", Permission::ReadSubmissions),
    ("SubmissionsGetFeedback", Permission::ReadSubmissions),
    ("SubmissionsGetReading", Permission::ReadSubmissions),
    ("SubmissionsGetSplit", Permission::ReadSubmissions),
    ("SubmissionsAssignLines", Permission::ManageSubmissions),
    ("SubmissionsAssignStudent", Permission::Grade),
    ("SubmissionsRetry", Permission::ManageSubmissions),
    ("SubmissionsDelete", Permission::ManageSubmissions),
    ("AssessmentsKeepComment", Permission::Grade),
    ("AssessmentsListComments", Permission::Grade),
    ("AssessmentsDeleteComment", Permission::Grade),
    ("SubmissionsNotePresence", Permission::Grade),
    ("ClassScansList", Permission::ReadSubmissions),
    ("ClassScansDelete", Permission::ManageSubmissions),
    ("ClassScansCreate", Permission::ManageSubmissions),
    ("ClassScansGet", Permission::ReadSubmissions),
    ("GradingListReviews", Permission::Grade),
    ("GradingGetReviewPlan", Permission::Grade),
    ("GradingListGroups", Permission::Grade),
    ("GradingDecideGroup", Permission::Grade),
    ("GradingMoveAnswers", Permission::Grade),
    ("GradingConfirmAnswer", Permission::Grade),
    ("GradingOverrideAnswer", Permission::Grade),
    ("GradingUndoDecision", Permission::Grade),
    ("GradingAcceptUnread", Permission::Grade),
    ("GradingRelease", Permission::ReleaseFeedback),
    ("GradingWithdraw", Permission::ReleaseFeedback),
    ("GradingListReleased", Permission::ReadReleased),
    ("GradingGetReleased", Permission::ReadReleased),
    ("PrivacyRequestOrganizationExport", Permission::ManagePrivacy),
    ("PrivacyListOrganizationExports", Permission::ManagePrivacy),
    ("PrivacyGetOrganizationExport", Permission::ManagePrivacy),
    ("PrivacyPlanOrganizationErasure", Permission::ManagePrivacy),
    ("PrivacyRequestOrganizationErasure", Permission::ManagePrivacy),
    ("PrivacyListOrganizationErasures", Permission::ManagePrivacy),
    ("PrivacyGetOrganizationErasure", Permission::ManagePrivacy),
    ("PrivacyCancelOrganizationErasure", Permission::ManagePrivacy),
    ("PrivacyGetRetention", Permission::ManagePrivacy),
    ("PrivacySetRetention", Permission::ManagePrivacy),
    ("BillingGet", Permission::ReadBilling),
    ("BillingStartCheckout", Permission::ManageBilling),
    ("BillingOpenPortal", Permission::ManageBilling),
    ("BillingPreviewChange", Permission::ManageBilling),
    ("BillingChangePlan", Permission::ManageBilling),
    ("BillingCancel", Permission::ManageBilling),
    ("BillingResume", Permission::ManageBilling),
    ("BillingListInvoices", Permission::ReadBilling),
    ("BillingGetUsage", Permission::ReadUsage),
    ("AuditList", Permission::ReadAudit),
    ("AuditExport", Permission::ExportAudit),
    ("AuditVerify", Permission::VerifyAudit),
];

struct Route {
    operation: String,
    method: Method,
    path: String,
}

impl Route {
    /// The path with these ids; a parameter that isn't among them gets `1`.
    fn at(&self, ids: &BTreeMap<&str, String>) -> String {
        let mut path = self.path.clone();
        while let Some((before, rest)) = path.split_once('{') {
            let (name, after) = rest.split_once('}').unwrap();
            let id = ids.get(name).map_or("1", String::as_str);
            path = format!("{before}{id}{after}");
        }
        path
    }

    fn parameters(&self) -> BTreeSet<&str> {
        self.path.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
    }

    /// A body that the route accepts, so that what stops the call are the ids and the role.
    fn body(&self, ids: &BTreeMap<&str, String>) -> Value {
        match self.operation.as_str() {
            "OrgsUpdateMember" => json!({ "version": 1, "role": "grader" }),
            "OrgsUpdate" | "OrgsUpdateTeam" | "OrgsUpdateStudent" => json!({ "version": 1, "name": "Renamed" }),
            "OrgsCreateTeam" => json!({ "name": "A team" }),
            "OrgsCreateInvites" => {
                let email = format!("{}@school.example", unique("invited"));
                json!({ "invites": [{ "email": email, "role": "grader", "teams": [ids["team"]] }] })
            }
            "OrgsCreateStudent" => json!({ "number": unique("n"), "name": "A Student", "teams": [ids["team"]] }),
            "OrgsCreateApiKey" => json!({ "name": "K", "permissions": ["read_assessments"], "days": 1 }),
            "AssessmentsCreate" => json!({ "title": "Test", "team": ids["team"] }),
            "AssessmentsPublishGuide" => small_guide(),
            "GradingConfirmAnswer" | "GradingUndoDecision" | "GradingAcceptUnread" => json!({ "version": 1 }),
            "GradingOverrideAnswer" => {
                json!({ "version": 1, "criteria": [{ "criterion": "capital", "marks": 0 }], "comment": "No" })
            }
            "AssessmentsSetDisagreement" => json!({ "share": 0.1 }),
            "GradingDecideGroup" => json!({ "members": [{ "submission": ids["submission"], "version": 1 }] }),
            "GradingMoveAnswers" => json!({ "members": [{ "submission": ids["submission"], "placement": 1 }] }),
            "SubmissionsCreate" => json!({ "files": [{ "content_type": "text/plain" }] }),
            "SubmissionsAssignLines" => {
                json!({ "version": 1, "moves": [{ "page": 1, "first_line": 0, "last_line": 0, "question": "1" }] })
            }
            "BillingStartCheckout" | "BillingPreviewChange" => json!({ "plan": "teacher", "interval": "month" }),
            "BillingChangePlan" => {
                json!({ "plan": "teacher", "interval": "month", "proration_at": jiff::Timestamp::now().to_string() })
            }
            "AssessmentsKeepComment" => json!({ "text": "Say why." }),
            "ClassScansCreate" => json!({ "files": [{ "content_type": "application/pdf" }] }),
            "SubmissionsAssignStudent" => json!({ "student": ids["student"], "version": 1 }),
            _ => json!({}),
        }
    }

    async fn call(&self, caller: &Teacher, ids: &BTreeMap<&str, String>) -> Answer {
        let request = caller.request(self.method.clone(), &self.at(ids)).json(&self.body(ids));
        let mut answer = Answer::of(request.send().await.unwrap()).await;
        if let Some(id) = answer.body.get_mut("request_id") {
            *id = Value::Null;
        }
        answer
    }
}

/// The routes of organizations.
async fn routes() -> Vec<Route> {
    let teacher = Teacher::without_organization().await;
    let document = teacher.get("/v1/openapi.json").await.expect(200);
    let mut routes = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        if !path.contains("{org}") {
            continue;
        }
        for (method, operation) in methods.as_object().unwrap() {
            let operation = operation["operationId"].as_str().unwrap().to_owned();
            routes.push(Route { operation, method: method.to_uppercase().parse().unwrap(), path: path.clone() });
        }
    }
    // What takes the caller out of the organization, or the organization away, comes last.
    routes.sort_by_key(|route| ["OrgsDelete", "OrgsLeave"].contains(&route.operation.as_str()));
    routes
}

/// Ids of the right form that name nothing.
fn nothing() -> BTreeMap<&'static str, String> {
    let id = |prefix: &str| format!("{prefix}_{}", "0".repeat(25) + "1");
    BTreeMap::from([
        ("org", id("org")),
        ("assessment", id("asm")),
        ("submission", id("sub")),
        ("class_scan", id("scn")),
        ("comment", id("cmt")),
        ("question", "1".to_owned()),
        ("api_key", id("key")),
        ("team", id("tea")),
        ("user", id("usr")),
        ("invite", id("inv")),
        ("student", id("stu")),
        ("import", id("imp")),
        ("export", id("exp")),
        ("erasure", id("era")),
    ])
}

/// An organization with one of everything, and the ids of it all.
async fn furnished() -> (Teacher, BTreeMap<&'static str, String>) {
    let owner = Teacher::new().await;
    let assessment = owner.assessment(small_guide()).await;
    let submission = assessment.submit(&[File::text(GOOD_SCRIPT)]).await;
    assessment.finished(&submission).await;
    owner.post(&format!("{}/release", assessment.path), json!({})).await.expect(200);
    let path = format!("/v1/orgs/{}/api-keys", owner.org);
    let key = json!({ "name": "K", "permissions": ["read_assessments"], "days": 1 });
    let key = owner.post(&path, key).await.expect(201)["api_key"]["id"].as_str().unwrap().to_owned();
    let team = owner.post(&owner.at("/teams"), json!({ "name": "A team" })).await.expect(201)["id"].clone();
    let invite = json!({ "email": format!("{}@school.example", unique("invited")), "role": "grader" });
    let invite = owner.invite(invite).await["id"].clone();
    let student = json!({ "number": "1", "name": "A Student" });
    let student = owner.post(&format!("/v1/orgs/{}/students", owner.org), student).await.expect(201);
    let roster = owner.post_file(&format!("/v1/orgs/{}/roster-imports", owner.org), b"number,name\n2,B\n").await;
    let roster = roster.expect(201);
    let mut ids = nothing();
    ids.insert("team", team.as_str().unwrap().to_owned());
    ids.insert("invite", invite.as_str().unwrap().to_owned());
    ids.insert("org", owner.org.clone());
    ids.insert("user", owner.user.clone());
    ids.insert("student", student["id"].as_str().unwrap().to_owned());
    ids.insert("import", roster["import"]["id"].as_str().unwrap().to_owned());
    ids.insert("assessment", assessment.path.rsplit('/').next().unwrap().to_owned());
    ids.insert("submission", submission);
    let scan = json!({ "files": [{ "content_type": "application/pdf" }] });
    let scan = owner.post(&format!("{}/class-scans", assessment.path), scan).await.expect(201);
    ids.insert("class_scan", scan["class_scan"]["id"].as_str().unwrap().to_owned());
    let comment = owner.post(&format!("{}/comments", assessment.path), json!({ "text": "Why?" })).await.expect(201);
    ids.insert("comment", comment["id"].as_str().unwrap().to_owned());
    ids.insert("api_key", key);
    let privacy = format!("/v1/orgs/{}/privacy", owner.org);
    let export = owner.post(&format!("{privacy}/exports"), json!({})).await.expect(202)["id"].clone();
    let export = export.as_str().unwrap().to_owned();
    let at = format!("{privacy}/exports/{export}");
    cloud::eventually("the export is made", 60, async || owner.get(&at).await.expect(200)["state"] == "ready").await;
    ids.insert("export", export);
    let leaving = Teacher::without_organization().await;
    cloud::make_member(&owner.org, &leaving.user, "teacher").await;
    let erasure = owner.post(&format!("{privacy}/erasures"), json!({ "user": leaving.user })).await.expect(202);
    ids.insert("erasure", erasure["id"].as_str().unwrap().to_owned());
    (owner, ids)
}

/// A member with this role in an organization of somebody else's.
async fn member(role: Role) -> Teacher {
    let (mut member, owner) = (Teacher::without_organization().await, Teacher::new().await);
    cloud::make_member(&owner.org, &member.user, role.name()).await;
    member.org = owner.org;
    member
}

#[tokio::test]
async fn every_route_has_a_row() {
    let described: BTreeSet<String> = routes().await.into_iter().map(|route| route.operation).collect();
    let rows: BTreeSet<String> = ROWS.iter().map(|(operation, _)| (*operation).to_owned()).collect();
    assert_eq!(described, rows, "tests/e2e/tests/isolation.rs needs exactly one row for each route of an organization");
}

#[tokio::test]
async fn what_is_anothers_looks_like_what_is_not_there() {
    let (stranger, theirs) = furnished().await;
    let before = cloud::tenant(&stranger.org).await;
    let routes = routes().await;
    let mut tried = 0;
    for role in Role::ALL {
        let member = member(role).await;
        for route in &routes {
            // Their organization, with all the right ids, against one that isn't there.
            let foreign = route.call(&member, &theirs).await;
            let missing = route.call(&member, &nothing()).await;
            assert_eq!(foreign.status, 404, "{role:?} {}: {}", route.operation, foreign.body);
            assert_eq!((foreign.status, foreign.body), (missing.status, missing.body), "{role:?} {}", route.operation);
            // The own organization, with each of their ids in turn, against one that names nothing.
            for parameter in route.parameters().into_iter().filter(|name| *name != "org") {
                let own = |ids: &BTreeMap<&'static str, String>| {
                    let mut ids = ids.clone();
                    ids.insert("org", member.org.clone());
                    ids
                };
                let mut swapped = own(&nothing());
                let Some(id) = theirs.get(parameter) else { continue };
                let (name, _) = theirs.get_key_value(parameter).unwrap();
                swapped.insert(name, id.clone());
                let foreign = route.call(&member, &swapped).await;
                let missing = route.call(&member, &own(&nothing())).await;
                assert!(foreign.status.is_client_error(), "{role:?} {} {parameter}: {}", route.operation, foreign.body);
                assert_eq!(
                    (foreign.status, foreign.body),
                    (missing.status, missing.body),
                    "{role:?} {} {parameter}",
                    route.operation
                );
                tried += 1;
            }
            // All of their ids at once, but for the organization.
            let mut all = theirs.clone();
            all.insert("org", member.org.clone());
            let mut none = nothing();
            none.insert("org", member.org.clone());
            if route.parameters().len() > 1 {
                let (foreign, missing) = (route.call(&member, &all).await, route.call(&member, &none).await);
                assert_eq!(
                    (foreign.status, foreign.body),
                    (missing.status, missing.body),
                    "{role:?} {}",
                    route.operation
                );
            }
            tried += 2;
        }
    }
    assert!(tried >= Role::ALL.len() * routes.len() * 2, "{tried}");
    // Everything of theirs is as it was.
    assert_eq!(cloud::tenant(&stranger.org).await, before);
}

#[tokio::test]
async fn ids_in_queries_and_bodies_reach_no_further() {
    let ((_, theirs), owner) = (furnished().await, Teacher::new().await);
    let path = format!("/v1/orgs/{}/assessments", owner.org);
    // A cursor is a place in the caller's own list, whoever it was given to.
    let other = Teacher::new().await;
    for _ in 0..2 {
        other.post(&format!("/v1/orgs/{}/assessments", other.org), json!({ "title": "Theirs" })).await.expect(201);
    }
    let page = other.get(&format!("/v1/orgs/{}/assessments?limit=1", other.org)).await.expect(200);
    let cursor = page["cursor"].as_str().unwrap();
    let listed = owner.get(&format!("{path}?cursor={cursor}")).await.expect(200);
    assert_eq!(listed["items"], json!([]));
    // Somebody else's team is no team.
    let mut answers = Vec::new();
    for team in [&theirs["team"], &nothing()["team"]] {
        let mut answer =
            owner.post(&path, json!({ "title": "T", "team": team })).await.expect_problem(404, "not_found");
        answer["request_id"].take();
        answers.push(answer);
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn each_role_may_what_the_table_says() {
    let routes = routes().await;
    for role in Role::ALL {
        let member = member(role).await;
        let mut ids = nothing();
        ids.insert("org", member.org.clone());
        for route in &routes {
            let (_, permission) = ROWS.iter().find(|(operation, _)| *operation == route.operation).unwrap();
            let answer = route.call(&member, &ids).await;
            let is_refused = answer.body["code"] == "forbidden";
            assert_eq!(is_refused, role.scope(*permission).is_none(), "{role:?} {}: {}", route.operation, answer.body);
            assert_eq!(is_refused, answer.status == 403, "{role:?} {}: {}", route.operation, answer.body);
        }
    }
}

#[tokio::test]
async fn a_team_ends_where_another_begins() {
    let (teacher, owner) = (Teacher::without_organization().await, Teacher::new().await);
    cloud::make_member(&owner.org, &teacher.user, "teacher").await;
    let path = format!("/v1/orgs/{}/assessments", owner.org);
    let owners = owner.post(&path, json!({ "title": "The owner's" })).await.expect(201);
    let own = teacher.post(&path, json!({ "title": "My own" })).await.expect(201);
    let at = |assessment: &Value| format!("{path}/{}", assessment["id"].as_str().unwrap());
    teacher.get(&at(&own)).await.expect(200);
    owner.get(&at(&own)).await.expect(200);
    teacher.get(&at(&owners)).await.expect_problem(404, "not_found");
    teacher.post(&format!("{}/guides", at(&owners)), small_guide()).await.expect_problem(404, "not_found");
    let listed = teacher.get(&path).await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(owner.get(&path).await.expect(200)["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_changed_role_counts_at_once() {
    let (grader, owner) = (Teacher::without_organization().await, Teacher::new().await);
    let path = format!("/v1/orgs/{}/assessments", owner.org);
    grader.get(&path).await.expect_problem(404, "not_found");
    cloud::make_member(&owner.org, &grader.user, "grader").await;
    grader.get(&path).await.expect(200);
    grader.post(&path, json!({ "title": "T" })).await.expect_problem(403, "forbidden");
    cloud::set_text(&format!("T#{}#", owner.org), &format!("MEMBER#{}", grader.user), "role", "teacher").await;
    grader.post(&path, json!({ "title": "T" })).await.expect(201);
    cloud::set_text(&format!("T#{}#", owner.org), &format!("MEMBER#{}", grader.user), "role", "student").await;
    grader.get(&path).await.expect_problem(403, "forbidden");
}

#[tokio::test]
async fn a_job_that_names_another_organization_than_its_object_does_nothing() {
    let ((_, theirs), (_, ours)) = (furnished().await, furnished().await);
    let before = (cloud::tenant(&theirs["org"]).await, cloud::tenant(&ours["org"]).await);
    let objects = async || {
        (
            cloud::keys(&format!("answers/{}/", theirs["org"])).await,
            cloud::keys(&format!("feedback/{}/", theirs["org"])).await,
        )
    };
    let files = objects().await;
    let job = |extra: Value| {
        let mut job =
            json!({ "org": ours["org"], "assessment": theirs["assessment"], "submission": theirs["submission"] });
        job.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        json!({ "schema_version": 1, "request_id": "forged", "job": job })
    };
    cloud::send("GRADE_QUEUE_URL", &job(json!({ "run": 1, "question": "1" }))).await;
    cloud::send("READ_QUEUE_URL", &job(json!({ "file": 1 }))).await;
    let learn = json!({ "org": ours["org"], "assessment": theirs["assessment"], "question": "1" });
    let learn = json!({ "schema_version": 1, "request_id": "forged", "job": learn });
    cloud::send("LEARN_QUEUE_URL", &learn).await;
    cloud::send("REGRADE_QUEUE_URL", &job(json!({ "published_by": ours["user"] }))).await;
    cloud::eventually("the forged jobs are done with", 60, async || cloud::log_lines("forged").await.len() >= 4).await;
    assert_eq!((cloud::tenant(&theirs["org"]).await, cloud::tenant(&ours["org"]).await), before);
    assert_eq!(objects().await, files);
}
