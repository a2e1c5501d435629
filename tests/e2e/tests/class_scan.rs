//! A class that is scanned in one go: separator sheets are printed, and the scan becomes one submission per script.

#![allow(clippy::cast_possible_wrap, clippy::cast_sign_loss, reason = "lengths and colours of pages")]

use ab_glyph::{Font, FontRef, ScaleFont, point};
use hayro::{
    PixmapSettings, RenderCache, RenderSettings, hayro_interpret::InterpreterSettings, hayro_syntax::Pdf,
    vello_cpu::color::palette::css::WHITE,
};
use image::{Rgb, RgbImage, codecs::jpeg::JpegEncoder, imageops};
use pdf_writer::{Content, Filter, Finish, Name, Rect, Ref};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use smartscripts_e2e::{Assessment, File, Teacher, cloud, small_guide, upload};

/// Asks for sheets; returns the PDF.
async fn sheets(teacher: &Teacher, path: &str) -> Vec<u8> {
    let answer = teacher.request(Method::GET, path).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "application/pdf");
    let pdf = answer.bytes().await.unwrap().to_vec();
    assert!(pdf.starts_with(b"%PDF-") && pdf.trim_ascii_end().ends_with(b"%%EOF"), "{} bytes", pdf.len());
    pdf
}

/// How many pages a PDF of sheets has.
fn pages(pdf: &[u8]) -> usize {
    String::from_utf8_lossy(pdf).matches("/MediaBox").count()
}

#[tokio::test]
async fn a_teacher_prints_a_sheet_for_each_student_of_the_class_or_numbered_ones() {
    let owner = Teacher::new().await;
    let assessment = owner.assessment(small_guide()).await;
    let path = format!("{}/separators", assessment.path);
    owner.get(&path).await.expect_problem(409, "students_missing");
    let team = owner.post(&owner.at("/teams"), json!({ "name": "7a" })).await.expect(201)["id"].clone();
    for (number, name, teams) in [("1", "Zoë Ștefan", json!([team])), ("2", "Bob", json!([])), ("3", "李", json!([]))]
    {
        let student = json!({ "number": number, "name": name, "teams": teams });
        owner.post(&owner.at("/students"), student).await.expect(201);
    }
    assert_eq!(pages(&sheets(&owner, &path).await), 3);
    let of_team = format!("{path}?team={}", team.as_str().unwrap());
    assert_eq!(pages(&sheets(&owner, &of_team).await), 1);
    assert_eq!(pages(&sheets(&owner, &format!("{path}?blank=30")).await), 30);
    // An assessment of a team is for its students.
    let of_class = json!({ "title": "Test", "team": team });
    let of_class = owner.post(&owner.at("/assessments"), of_class).await.expect(201)["id"].clone();
    let class = owner.at(&format!("/assessments/{}/separators", of_class.as_str().unwrap()));
    assert_eq!(pages(&sheets(&owner, &class).await), 1);

    for (query, code) in [("blank=0", "query_invalid"), ("blank=1001", "query_invalid"), ("pages=1", "query_invalid")] {
        owner.get(&format!("{path}?{query}")).await.expect_problem(400, code);
    }
    owner.get(&format!("{of_team}&blank=1")).await.expect_problem(400, "query_invalid");
    let nowhere = format!("{path}?team=tea_00000000000000000000000001");
    owner.get(&nowhere).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn a_teacher_prints_no_student_of_another_class() {
    let owner = Teacher::new().await;
    let team =
        async |name: &str| owner.post(&owner.at("/teams"), json!({ "name": name })).await.expect(201)["id"].clone();
    let (own, other) = (team("7a").await, team("7b").await);
    for (number, team) in [("1", &own), ("2", &other)] {
        let student = json!({ "number": number, "name": "A Student", "teams": [team] });
        owner.post(&owner.at("/students"), student).await.expect(201);
    }
    let invite = json!({ "email": format!("{}@school.example", smartscripts_e2e::unique("t")), "role": "teacher", "teams": [own] });
    let teacher = owner.joined_by(invite).await;
    let assessment = json!({ "title": "Test", "team": own });
    let assessment = teacher.post(&teacher.at("/assessments"), assessment).await.expect(201)["id"].clone();
    let path = teacher.at(&format!("/assessments/{}/separators", assessment.as_str().unwrap()));
    assert_eq!(pages(&sheets(&teacher, &path).await), 1);
    let theirs = format!("{path}?team={}", other.as_str().unwrap());
    teacher.get(&theirs).await.expect_problem(404, "not_found");
}

/// A page of 150 dpi with these lines on it.
fn page(lines: &[&str]) -> RgbImage {
    let font = FontRef::try_from_slice(include_bytes!("../../../shared/sheets/assets/DejaVuSans-subset.ttf")).unwrap();
    let mut page = RgbImage::from_pixel(1240, 1754, Rgb([250, 250, 248]));
    for (number, line) in (0_u8..).zip(lines) {
        write(&mut page, &font, 200.0 + 110.0 * f32::from(number), line);
    }
    page
}

/// Writes a line that stands on this height.
fn write(page: &mut RgbImage, font: &FontRef<'_>, y: f32, line: &str) {
    let scaled = font.as_scaled(44.0);
    let mut x = 120.0;
    for letter in line.chars() {
        let glyph = scaled.glyph_id(letter);
        if let Some(outline) = font.outline_glyph(glyph.with_scale_and_position(44.0, point(x, y))) {
            let corner = outline.px_bounds().min;
            outline.draw(|dx, dy, ink| {
                let pixel = page.get_pixel_mut(corner.x as u32 + dx, corner.y as u32 + dy);
                pixel.0 = pixel.0.map(|paper| (f32::from(paper) * (1.0 - ink)) as u8);
            });
        }
        x += scaled.h_advance(glyph);
    }
}

/// The pages of a PDF as a scanner at 150 dpi sees them.
fn scanned(pdf: Vec<u8>) -> Vec<RgbImage> {
    let pdf = Pdf::new(pdf).unwrap();
    let settings = PixmapSettings { x_scale: 150.0 / 72.0, y_scale: 150.0 / 72.0, bg_color: WHITE };
    let (interpreter, render) = (InterpreterSettings::default(), RenderSettings::default());
    let draw = |page| hayro::render(page, &RenderCache::new(), &interpreter, &render, &settings);
    let picture = |page| {
        let pixmap = draw(page);
        let pixels = pixmap.data_as_u8_slice().chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]);
        RgbImage::from_raw(u32::from(pixmap.width()), u32::from(pixmap.height()), pixels.collect()).unwrap()
    };
    pdf.pages().iter().map(picture).collect()
}

fn jpeg(page: &RgbImage) -> Vec<u8> {
    let mut content = Vec::new();
    JpegEncoder::new_with_quality(&mut content, 80).encode_image(page).unwrap();
    content
}

/// A PDF of pictures, as scanners write it.
fn pdf(pages: &[RgbImage]) -> Vec<u8> {
    let mut pdf = pdf_writer::Pdf::new();
    let ids = |index: usize| [0, 1, 2].map(|offset| Ref::new(3 + 3 * index as i32 + offset));
    pdf.catalog(Ref::new(1)).pages(Ref::new(2));
    pdf.pages(Ref::new(2)).kids((0..pages.len()).map(|index| ids(index)[0])).count(pages.len() as i32);
    for (index, page) in pages.iter().enumerate() {
        let [at, content, picture] = ids(index);
        let mut written = pdf.page(at);
        written.parent(Ref::new(2)).media_box(Rect::new(0.0, 0.0, 595.0, 842.0)).contents(content);
        written.resources().x_objects().pair(Name(b"P"), picture);
        written.finish();
        let mut drawn = Content::new();
        drawn.transform([595.0, 0.0, 0.0, 842.0, 0.0, 0.0]).x_object(Name(b"P"));
        pdf.stream(content, &drawn.finish());
        let encoded = jpeg(page);
        let mut object = pdf.image_xobject(picture, &encoded);
        object.width(page.width() as i32).height(page.height() as i32);
        object.filter(Filter::DctDecode);
        object.color_space().device_rgb();
        object.bits_per_component(8);
        object.finish();
    }
    pdf.finish()
}

/// Uploads a scan, the last file first; returns its path.
async fn upload_scan(assessment: &Assessment, files: &[File]) -> String {
    let kinds: Vec<Value> = files.iter().map(|file| json!({ "content_type": file.content_type })).collect();
    let path = format!("{}/class-scans", assessment.path);
    let created = assessment.teacher.post(&path, json!({ "files": kinds })).await.expect(201);
    assert_eq!(created["class_scan"]["state"], "awaiting_upload");
    for (file, form) in files.iter().zip(created["uploads"].as_array().unwrap()).rev() {
        assert_eq!(upload(form, file.content.clone()).await, 201);
    }
    format!("{path}/{}", created["class_scan"]["id"].as_str().unwrap())
}

/// Waits until the scan is split or has failed.
async fn done(assessment: &Assessment, scan: &str) -> Value {
    let look = async || assessment.teacher.get(scan).await.expect(200);
    let is_done = async || ["split", "failed"].contains(&look().await["state"].as_str().unwrap());
    cloud::eventually("the scan is split", 120, is_done).await;
    look().await
}

/// What is left of a scan in the bucket.
async fn left(scan: &str) -> Vec<String> {
    let ids: Vec<&str> = scan.split('/').collect();
    cloud::keys(&format!("answers/{}/{}/{}/", ids[3], ids[5], ids[7])).await
}

/// The submissions that have come of a scan, graded.
async fn submissions(assessment: &Assessment, scan: &Value) -> Vec<Value> {
    let mut finished = Vec::new();
    for script in scan["scripts"].as_array().unwrap() {
        finished.push(assessment.finished(script["submission"].as_str().unwrap()).await);
    }
    finished
}

async fn student(owner: &Teacher, number: &str, name: &str) -> Value {
    let student = json!({ "number": number, "name": name });
    owner.post(&owner.at("/students"), student).await.expect(201)["id"].clone()
}

#[tokio::test]
async fn a_class_scanned_in_one_go_becomes_the_scripts_of_its_students() {
    let owner = Teacher::new().await;
    let assessment = owner.assessment(small_guide()).await;
    let (ada, ben) = (student(&owner, "1", "Ada Lovelace").await, student(&owner, "2", "Ben Łukasz").await);
    let printed = scanned(sheets(&owner, &format!("{}/separators", assessment.path)).await);
    let other = owner.assessment(small_guide()).await;
    let foreign = scanned(sheets(&owner, &format!("{}/separators?blank=1", other.path)).await).remove(0);
    let (good, blank) = (page(&["1. Paris", "2. 15 m/s", "3. B"]), page(&[]));
    let stray = page(&["1. Paris"]);
    // The second sheet lies upside down; after it comes a third, of another assessment; then the first one once more.
    let first = [stray.clone(), printed[0].clone(), blank.clone(), good.clone(), imageops::rotate180(&printed[1])];
    let mut files = vec![File { content_type: "application/pdf", content: pdf(&first) }];
    for page in [&page(&["1. Paris", "2. 15 m/s"]), &page(&["3. B"]), &foreign, &stray, &printed[0], &stray] {
        files.push(File { content_type: "image/jpeg", content: jpeg(page) });
    }
    let path = upload_scan(&assessment, &files).await;
    let scan = done(&assessment, &path).await;
    assert_eq!((&scan["state"], &scan["pages"]), (&json!("split"), &json!(11)), "{scan}");
    let ranges: Vec<[u64; 3]> = scan["scripts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|script| ["first_page", "last_page", "pages"].map(|name| script[name].as_u64().unwrap()))
        .collect();
    assert_eq!(ranges, [[1, 1, 1], [4, 4, 1], [6, 7, 2], [9, 9, 1], [11, 11, 1]], "{scan}");
    let made = submissions(&assessment, &scan).await;
    let students: Vec<&Value> = made.iter().map(|made| &made["student"]).collect();
    assert_eq!(students, [&Value::Null, &ada, &ben, &Value::Null, &Value::Null]);
    for (made, marks) in made.iter().zip([1, 4, 4, 1, 1]) {
        assert_eq!(made["outcome"]["marks"], marks, "{made}");
    }
    // A second script of hers is proposed to be hers.
    assert_eq!(made[4]["student_match"]["proposals"][0]["student"], ada);
    assert_eq!(left(&path).await, Vec::<String>::new());
    // Told of the upload again, nobody does anything again.
    let before = cloud::tenant(&owner.org).await;
    let ids: Vec<&str> = path.split('/').collect();
    let key = format!("answers/{}/{}/{}/1.pdf", ids[3], ids[5], ids[7]);
    cloud::write(&key, &pdf(&first)).await;
    cloud::eventually("what came too late is deleted", 60, async || left(&path).await.is_empty()).await;
    assert_eq!(cloud::tenant(&owner.org).await, before);
    let listed = owner.get(&format!("{}/submissions", assessment.path)).await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn without_sheets_a_name_at_the_top_begins_a_script() {
    let owner = Teacher::new().await;
    let assessment = owner.assessment(small_guide()).await;
    let (ada, ben) = (student(&owner, "1", "Ada Lovelace").await, student(&owner, "2", "Benjamin Wolff").await);
    let pages = [
        page(&["Name: Ada Lovelace", "1. Paris", "2. 15 m/s"]),
        page(&["3. B"]),
        page(&["Name: Benjamin Wolff", "1. Paris", "2. 15 m/s", "3. B"]),
    ];
    let path = upload_scan(&assessment, &[File { content_type: "application/pdf", content: pdf(&pages) }]).await;
    let scan = done(&assessment, &path).await;
    let made = submissions(&assessment, &scan).await;
    let found: Vec<(&Value, &Value)> = made.iter().map(|made| (&made["student"], &made["outcome"]["marks"])).collect();
    assert_eq!(found, [(&ada, &json!(4)), (&ben, &json!(4))], "{scan}");
}

#[tokio::test]
async fn of_a_scan_with_a_damaged_file_nothing_is_taken_over() {
    let assessment = Teacher::new().await.assessment(small_guide()).await;
    let damaged = File { content_type: "application/pdf", content: b"%PDF-1.7 and no more".to_vec() };
    let good = File { content_type: "image/jpeg", content: jpeg(&page(&["1. Paris"])) };
    let path = upload_scan(&assessment, &[good, damaged]).await;
    let scan = done(&assessment, &path).await;
    assert_eq!((&scan["state"], &scan["failure"]["code"]), (&json!("failed"), &json!("class_scan_unreadable")));
    let message = scan["failure"]["message"].as_str().unwrap();
    assert!(message.contains("File 2: The PDF is damaged"), "{message}");
    cloud::eventually("its files are deleted", 60, async || left(&path).await.is_empty()).await;
    assert_eq!(assessment.progress().await["submitted"], 0);
    let typed = json!({ "files": [{ "content_type": "text/plain" }] });
    let scans = format!("{}/class-scans", assessment.path);
    assessment.teacher.post(&scans, typed).await.expect_problem(400, "files_invalid");
    // One that stops again and again says so.
    let waiting = json!({ "files": [{ "content_type": "application/pdf" }] });
    let waiting = assessment.teacher.post(&scans, waiting).await.expect(201)["class_scan"]["id"].clone();
    let ids: Vec<&str> = path.split('/').collect();
    let key = format!("answers/{}/{}/{}/1.pdf", ids[3], ids[5], waiting.as_str().unwrap());
    let letter = json!({ "Records": [{
        "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "us-east-1",
        "eventTime": "2026-01-01T00:00:00.000Z", "eventName": "ObjectCreated:Post", "userIdentity": {}, "requestParameters": {}, "responseElements": {},
        "s3": { "bucket": { "name": "b" }, "object": { "key": key, "size": 1 } },
    }]});
    let at = format!("{scans}/{}", waiting.as_str().unwrap());
    cloud::write(&key.replace("1.pdf", "page-1-1.jpeg"), b"a page").await;
    cloud::send("READ_DEAD_LETTER_QUEUE_URL", &letter).await;
    let scan = done(&assessment, &at).await;
    assert_eq!(scan["failure"]["code"], "splitting_stopped", "{scan}");
    cloud::eventually("its pages are deleted", 60, async || left(&at).await.is_empty()).await;
}

#[tokio::test]
async fn scripts_of_a_scan_beyond_the_quota_are_kept_until_the_plan_allows_them() {
    let owner = Teacher::on_plan("free").await;
    let assessment = owner.assessment(small_guide()).await;
    owner.use_scripts(59).await;
    let printed = scanned(sheets(&owner, &format!("{}/separators?blank=2", assessment.path)).await);
    let script = page(&["1. Paris", "2. 15 m/s", "3. B"]);
    let pages = [printed[0].clone(), script.clone(), printed[1].clone(), script];
    let files = [File { content_type: "application/pdf", content: pdf(&pages) }];
    let scan = done(&assessment, &upload_scan(&assessment, &files).await).await;
    assert_eq!(scan["state"], "split", "{scan}");
    let made = submissions(&assessment, &scan).await;
    assert_eq!(made.len(), 2);
    assert_ne!(made[0]["state"], "failed", "{}", made[0]);
    assert_eq!((&made[1]["state"], &made[1]["failure"]["code"]), (&json!("failed"), &json!("quota_exhausted")));
    let refused = made[1]["id"].as_str().unwrap();
    let retry = format!("{}/submissions/{refused}/retry", assessment.path);
    owner.post(&retry, json!({})).await.expect_problem(402, "quota_exhausted");
    owner.set_plan("teacher").await;
    owner.post(&retry, json!({})).await.expect(202);
    let graded = assessment.finished(refused).await;
    assert_eq!((&graded["state"], &graded["outcome"]["marks"]), (&made[0]["state"], &made[0]["outcome"]["marks"]));
}

#[tokio::test]
async fn a_scan_is_listed_and_deleted_and_its_scripts_stay() {
    let owner = Teacher::new().await;
    let assessment = owner.assessment(small_guide()).await;
    let pages = [page(&["Name: Ada Lovelace", "1. Paris"])];
    let split = upload_scan(&assessment, &[File { content_type: "application/pdf", content: pdf(&pages) }]).await;
    let scan = done(&assessment, &split).await;
    let scans = format!("{}/class-scans", assessment.path);
    let waiting = json!({ "files": [{ "content_type": "application/pdf" }, { "content_type": "image/png" }] });
    let waiting = owner.post(&scans, waiting).await.expect(201);
    assert_eq!(upload(&waiting["uploads"][1], jpeg(&pages[0])).await, 201);
    let listed = owner.get(&scans).await.expect(200);
    let ids = |listed: &Value| -> Vec<Value> {
        listed["items"].as_array().unwrap().iter().map(|scan| scan["id"].clone()).collect()
    };
    assert_eq!(ids(&listed), [scan["id"].clone(), waiting["class_scan"]["id"].clone()]);
    let first = owner.get(&format!("{scans}?limit=1")).await.expect(200);
    assert_eq!(ids(&first), [scan["id"].clone()]);

    let at = format!("{scans}/{}", waiting["class_scan"]["id"].as_str().unwrap());
    for path in [&split, &at] {
        owner.delete(path).await.expect(204);
        owner.get(path).await.expect_problem(404, "not_found");
        owner.delete(path).await.expect_problem(404, "not_found");
    }
    cloud::eventually("its files are deleted", 60, async || left(&at).await.is_empty()).await;
    assert_eq!(owner.get(&scans).await.expect(200)["items"], json!([]));
    assert_eq!(submissions(&assessment, &scan).await.len(), 1);
    // What arrives too late makes nothing.
    let before = cloud::tenant(&owner.org).await;
    assert_eq!(upload(&waiting["uploads"][0], pdf(&pages)).await, 201);
    cloud::eventually("what came too late is deleted", 60, async || left(&at).await.is_empty()).await;
    assert_eq!(cloud::tenant(&owner.org).await, before);
}
