//! What importing a file would change. The diff is all that an import applies: it names every id that it will make, so
//! applying it twice does it once.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use ulid::Ulid;
use utoipa::ToSchema;

use super::{Note, Roster, Row, roster_invalid, same_team};
use crate::{
    Result,
    id::{StudentId, TeamId},
};

/// How many classes a file may name that aren't there yet. More of them, and the column is likely another one.
const NEW_TEAMS: usize = 100;

/// A student who is on the roster.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The id.
    pub id: StudentId,
    /// The number.
    pub number: String,
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// The classes.
    pub teams: BTreeSet<TeamId>,
}

/// How a file is meant.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// The class that all students of the file are in, besides those that the file names.
    pub team: Option<TeamId>,
    /// Whether the file is complete: whoever isn't in it leaves the class, or without a class the roster.
    pub remove_missing: bool,
}

/// What an import changes, whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RosterDiff)]
pub struct Diff {
    /// Classes that the file names and that aren't there.
    pub new_teams: Vec<NewTeam>,
    /// Students who come onto the roster.
    pub added: Vec<Added>,
    /// Students of whom something changes.
    pub changed: Vec<Changed>,
    /// Students who leave the roster.
    pub removed: Vec<Removed>,
    /// How many students of the file are on the roster just so.
    pub unchanged: usize,
    /// What was passed over in the file.
    pub notes: Vec<Note>,
}

/// A class that is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RosterNewTeam)]
pub struct NewTeam {
    /// The id that it will have.
    pub id: TeamId,
    /// Its name.
    pub name: String,
}

/// A student who comes onto the roster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RosterAdded)]
pub struct Added {
    /// The id that the student will have.
    pub id: StudentId,
    /// The line of the file.
    pub line: usize,
    /// The number.
    pub number: String,
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// The classes.
    pub teams: BTreeSet<TeamId>,
}

/// A student of whom something changes; what isn't named stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RosterChanged)]
pub struct Changed {
    /// The student.
    pub id: StudentId,
    /// The line of the file; none if the student isn't in it and leaves the class.
    pub line: Option<usize>,
    /// The number.
    pub number: String,
    /// The name.
    pub name: Option<TextChange>,
    /// The e-mail address.
    pub email: Option<TextChange>,
    /// The classes.
    pub teams: Option<TeamsChange>,
}

/// A text before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RosterTextChange)]
pub struct TextChange {
    /// Before; none if there was none.
    pub before: Option<String>,
    /// After.
    pub after: String,
}

impl TextChange {
    fn between(before: Option<&String>, after: String) -> Option<Self> {
        (before != Some(&after)).then(|| Self { before: before.cloned(), after })
    }
}

/// A student's classes before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RosterTeamsChange)]
pub struct TeamsChange {
    /// Before.
    pub before: BTreeSet<TeamId>,
    /// After.
    pub after: BTreeSet<TeamId>,
}

impl TeamsChange {
    fn between(before: &BTreeSet<TeamId>, after: BTreeSet<TeamId>) -> Option<Self> {
        (*before != after).then(|| Self { before: before.clone(), after })
    }
}

/// A student who leaves the roster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RosterRemoved)]
pub struct Removed {
    /// The student.
    pub id: StudentId,
    /// The number.
    pub number: String,
    /// The name.
    pub name: String,
}

/// One thing that an import does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Write<'a> {
    /// Make a class.
    Team(&'a NewTeam),
    /// Take a student off the roster.
    Remove(&'a Removed),
    /// Change a student.
    Change(&'a Changed),
    /// Put a student onto the roster.
    Add(&'a Added),
}

impl Write<'_> {
    /// How many items of the table it writes: a student has one, and the number another.
    const fn items(self) -> usize {
        match self {
            Self::Team(_) | Self::Change(_) => 1,
            Self::Remove(_) | Self::Add(_) => 2,
        }
    }
}

impl Diff {
    /// What is to be done, in batches of at most `items` items. The same diff gives the same batches. Classes come first, so
    /// that no student is ever in one that isn't there.
    #[must_use]
    pub fn batches(&self, items: usize) -> Vec<Vec<Write<'_>>> {
        let writes = self.new_teams.iter().map(Write::Team);
        let writes = writes.chain(self.removed.iter().map(Write::Remove));
        let writes = writes.chain(self.changed.iter().map(Write::Change));
        let writes = writes.chain(self.added.iter().map(Write::Add));
        let mut batches: Vec<Vec<Write<'_>>> = Vec::new();
        let mut room = 0;
        for write in writes {
            match batches.last_mut() {
                Some(batch) if write.items() <= room => batch.push(write),
                _ => {
                    batches.push(vec![write]);
                    room = items;
                }
            }
            room -= write.items().min(room);
        }
        batches
    }

    /// Whether these classes still allow it: those that it puts students into are there, and those that it makes aren't.
    #[must_use]
    pub fn fits(&self, teams: &[(TeamId, String)]) -> bool {
        let names: BTreeSet<String> = teams.iter().map(|(_, name)| same_team(name)).collect();
        let ids = teams.iter().map(|(id, _)| *id).chain(self.new_teams.iter().map(|team| team.id));
        let ids: BTreeSet<TeamId> = ids.collect();
        let changed = self.changed.iter().filter_map(|changed| changed.teams.as_ref());
        let added = changed.flat_map(|teams| teams.after.difference(&teams.before));
        let mut used = added.chain(self.added.iter().flat_map(|added| &added.teams));
        used.all(|team| ids.contains(team)) && !self.new_teams.iter().any(|team| names.contains(&same_team(&team.name)))
    }
}

/// What importing `roster` changes. `listed` are all students of the organization, `teams` all its classes; `new_id` makes
/// the ids of what is new.
///
/// # Errors
/// `roster_invalid` if a class's name is ambiguous, or too many are unknown.
pub fn diff(
    roster: Roster,
    listed: &[Listed],
    teams: &[(TeamId, String)],
    options: Options,
    mut new_id: impl FnMut() -> Ulid,
) -> Result<Diff> {
    let (known, new_teams) = team_ids(&roster.rows, teams, &mut new_id)?;
    let by_number: BTreeMap<&str, &Listed> = listed.iter().map(|student| (student.number.as_str(), student)).collect();
    let mut diff = Diff { new_teams, notes: roster.notes, ..Diff::default() };
    let mut in_file = BTreeSet::new();
    for row in roster.rows {
        let named: BTreeSet<TeamId> =
            row.teams.iter().filter_map(|name| known.get(&same_team(name))).copied().collect();
        let Some(student) = by_number.get(row.number.as_str()) else {
            let teams = named.into_iter().chain(options.team).collect();
            let Row { line, number, name, email, .. } = row;
            diff.added.push(Added { id: StudentId::new(new_id()), line, number, name, email, teams });
            continue;
        };
        in_file.insert(student.id);
        match changed(student, row, named, options.team) {
            Some(changed) => diff.changed.push(changed),
            None => diff.unchanged += 1,
        }
    }
    if options.remove_missing {
        for student in listed.iter().filter(|student| !in_file.contains(&student.id)) {
            take_out(&mut diff, student, options.team);
        }
    }
    Ok(diff)
}

/// The classes that the rows name, by their names, and those among them that are yet to be made.
fn team_ids(
    rows: &[Row],
    teams: &[(TeamId, String)],
    new_id: &mut impl FnMut() -> Ulid,
) -> Result<(BTreeMap<String, TeamId>, Vec<NewTeam>)> {
    let (mut known, mut ambiguous) = (BTreeMap::new(), BTreeSet::new());
    for (id, name) in teams {
        if known.insert(same_team(name), *id).is_some() {
            ambiguous.insert(same_team(name));
        }
    }
    let (mut new_teams, mut problems) = (Vec::new(), Vec::new());
    for row in rows {
        for name in &row.teams {
            let key = same_team(name);
            if ambiguous.remove(&key) {
                let text = "There are several classes of this name. Give each a name of its own first.".to_owned();
                problems.push(Note { line: row.line, text });
            }
            if known.contains_key(&key) {
                continue;
            }
            if new_teams.len() == NEW_TEAMS {
                let text = format!("More than {NEW_TEAMS} classes aren't there yet. Is this the column of classes?");
                problems.push(Note { line: row.line, text });
                return Err(roster_invalid(problems));
            }
            let id = TeamId::new(new_id());
            known.insert(key, id);
            new_teams.push(NewTeam { id, name: name.clone() });
        }
    }
    if problems.is_empty() { Ok((known, new_teams)) } else { Err(roster_invalid(problems)) }
}

fn changed(student: &Listed, row: Row, named: BTreeSet<TeamId>, team: Option<TeamId>) -> Option<Changed> {
    let teams = if named.is_empty() { student.teams.clone() } else { named };
    let changed = Changed {
        id: student.id,
        line: Some(row.line),
        number: row.number,
        name: TextChange::between(Some(&student.name), row.name),
        email: row.email.and_then(|email| TextChange::between(student.email.as_ref(), email)),
        teams: TeamsChange::between(&student.teams, teams.into_iter().chain(team).collect()),
    };
    let any = changed.name.is_some() || changed.email.is_some() || changed.teams.is_some();
    any.then_some(changed)
}

/// Takes a student who isn't in the file out of the class, or without a class off the roster.
fn take_out(diff: &mut Diff, student: &Listed, team: Option<TeamId>) {
    let Listed { id, number, name, .. } = student.clone();
    let Some(team) = team else {
        diff.removed.push(Removed { id, number, name });
        return;
    };
    let after = student.teams.iter().copied().filter(|other| *other != team).collect();
    if let Some(teams) = TeamsChange::between(&student.teams, after) {
        diff.changed.push(Changed { id, line: None, number, name: None, email: None, teams: Some(teams) });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ids() -> impl FnMut() -> Ulid {
        let mut next = 1000_u128;
        move || {
            next += 1;
            Ulid::from(next)
        }
    }

    fn team(n: u128) -> TeamId {
        TeamId::new(Ulid::from(n))
    }

    fn listed(number: &str, name: &str, teams: &[u128]) -> Listed {
        let id = StudentId::new(Ulid::from(number.parse::<u128>().unwrap()));
        let teams = teams.iter().map(|n| team(*n)).collect();
        Listed { id, number: number.to_owned(), name: name.to_owned(), email: None, teams }
    }

    fn row(number: &str, name: &str, teams: &[&str]) -> Row {
        let teams = teams.iter().map(|&name| name.to_owned()).collect();
        Row { line: 2, number: number.to_owned(), name: name.to_owned(), email: None, teams }
    }

    fn of(rows: Vec<Row>, listed: &[Listed], options: Options) -> Diff {
        let teams = [(team(1), "7a".to_owned()), (team(2), "Chess".to_owned())];
        diff(Roster { rows, notes: Vec::new() }, listed, &teams, options, ids()).unwrap()
    }

    /// The roster after a diff.
    fn apply(diff: &Diff, before: &[Listed]) -> Vec<Listed> {
        let gone: BTreeSet<StudentId> = diff.removed.iter().map(|removed| removed.id).collect();
        let mut after: Vec<Listed> = before.iter().filter(|student| !gone.contains(&student.id)).cloned().collect();
        for changed in &diff.changed {
            let student = after.iter_mut().find(|student| student.id == changed.id).unwrap();
            if let Some(name) = &changed.name {
                student.name.clone_from(&name.after);
            }
            if let Some(email) = &changed.email {
                student.email = Some(email.after.clone());
            }
            if let Some(teams) = &changed.teams {
                student.teams.clone_from(&teams.after);
            }
        }
        for Added { id, number, name, email, teams, .. } in diff.added.clone() {
            after.push(Listed { id, number, name, email, teams });
        }
        after
    }

    #[test]
    fn tells_what_is_new_changed_and_the_same() {
        let before = [listed("1", "Ada", &[1]), listed("2", "Bob", &[1, 2]), listed("3", "Cem", &[])];
        let mut renamed = row("2", "Robert", &[]);
        renamed.email = Some("r@school.example".to_owned());
        let rows = vec![row("1", "Ada", &["7A"]), renamed, row("4", "Dan", &["8b", "chess"])];
        let diff = of(rows, &before, Options::default());
        assert_eq!((diff.unchanged, diff.removed.len(), diff.added.len(), diff.changed.len()), (1, 0, 1, 1));
        assert_eq!(diff.new_teams, [NewTeam { id: team(1001), name: "8b".to_owned() }]);
        assert_eq!(diff.added[0].teams, BTreeSet::from([team(2), team(1001)]));
        let changed = &diff.changed[0];
        assert_eq!(changed.name, Some(TextChange { before: Some("Bob".to_owned()), after: "Robert".to_owned() }));
        assert_eq!(changed.email, Some(TextChange { before: None, after: "r@school.example".to_owned() }));
        assert_eq!(changed.teams, None);
    }

    #[test]
    fn a_class_in_the_file_is_where_the_student_is_and_the_option_adds_one() {
        let before = [listed("1", "Ada", &[2])];
        let moved = of(vec![row("1", "Ada", &["7a"])], &before, Options::default());
        assert_eq!(moved.changed[0].teams.as_ref().unwrap().after, BTreeSet::from([team(1)]));
        let options = Options { team: Some(team(1)), remove_missing: false };
        let added = of(vec![row("1", "Ada", &[])], &before, options);
        assert_eq!(added.changed[0].teams.as_ref().unwrap().after, BTreeSet::from([team(1), team(2)]));
    }

    #[test]
    fn who_is_missing_leaves_only_if_asked_for() {
        let before = [listed("1", "Ada", &[1]), listed("2", "Bob", &[1, 2]), listed("3", "Cem", &[2])];
        let file = || vec![row("1", "Ada", &[])];
        assert_eq!(of(file(), &before, Options::default()), Diff { unchanged: 1, ..Diff::default() });
        let class = of(file(), &before, Options { team: Some(team(1)), remove_missing: true });
        assert_eq!((class.changed.len(), class.removed.len()), (1, 0));
        assert_eq!(class.changed[0].teams.as_ref().unwrap().after, BTreeSet::from([team(2)]));
        let whole = of(file(), &before, Options { team: None, remove_missing: true });
        let gone: Vec<&str> = whole.removed.iter().map(|removed| removed.name.as_str()).collect();
        assert_eq!((gone, whole.changed.len()), (vec!["Bob", "Cem"], 0));
    }

    #[test]
    fn refuses_classes_that_it_cannot_tell_apart_or_that_are_too_many() {
        let teams = [(team(1), "7a".to_owned()), (team(2), "7A".to_owned())];
        let roster = |rows| Roster { rows, notes: Vec::new() };
        let error = diff(roster(vec![row("1", "A", &["7a"])]), &[], &teams, Options::default(), ids()).unwrap_err();
        assert_eq!(
            error.message(),
            "Line 2: There are several classes of this name. Give each a name of its own first."
        );
        assert!(diff(roster(vec![row("1", "A", &["8"])]), &[], &teams, Options::default(), ids()).is_ok());
        let many = (0..=NEW_TEAMS).map(|n| row(&n.to_string(), "A", &[&format!("class {n}")])).collect();
        let error = diff(roster(many), &[], &teams, Options::default(), ids()).unwrap_err();
        assert!(error.message().contains("More than 100 classes"), "{error}");
    }

    #[test]
    fn fits_until_a_class_comes_or_goes() {
        let before = [listed("1", "Ada", &[]), listed("2", "Bob", &[9])];
        let rows = vec![row("1", "Ada", &["7a"]), row("2", "Robert", &[]), row("3", "Cem", &["8b"])];
        let diff = of(rows, &before, Options::default());
        let (a, b) = ((team(1), "7a".to_owned()), (team(5), "8B".to_owned()));
        assert!(diff.fits(std::slice::from_ref(&a)));
        assert!(!diff.fits(&[]) && !diff.fits(&[a, b]));
    }

    proptest! {
        #[test]
        fn applied_it_is_what_the_file_says_and_a_second_time_nothing(
            before in proptest::collection::btree_map(0_u8..40, ("[A-C]", 0_u128..3), 0..20),
            file in proptest::collection::btree_map(0_u8..40, ("[A-C]", 0_usize..4), 1..20),
            remove_missing: bool,
            team_option in prop::option::of(1_u128..3),
        ) {
            let before: Vec<Listed> =
                before.iter().map(|(n, (name, class))| listed(&n.to_string(), name, &[*class])).collect();
            let classes = [vec![], vec!["7a"], vec!["Chess", "9c"], vec!["9c"]];
            let rows: Vec<Row> =
                file.iter().map(|(n, (name, class))| row(&n.to_string(), name, &classes[*class])).collect();
            let options = Options { team: team_option.map(team), remove_missing };
            let first = of(rows.clone(), &before, options);
            let after = apply(&first, &before);
            for row in &rows {
                let student = after.iter().find(|student| student.number == row.number).unwrap();
                prop_assert_eq!(&student.name, &row.name);
                prop_assert!(options.team.is_none_or(|team| student.teams.contains(&team)));
            }
            if remove_missing && options.team.is_none() {
                prop_assert_eq!(after.len(), rows.len());
            }
            let teams = [(team(1), "7a".to_owned()), (team(2), "Chess".to_owned())].into_iter();
            let teams: Vec<_> = teams.chain(first.new_teams.iter().map(|new| (new.id, new.name.clone()))).collect();
            let again = diff(Roster { rows: rows.clone(), notes: Vec::new() }, &after, &teams, options, ids()).unwrap();
            prop_assert_eq!(again, Diff { unchanged: rows.len(), ..Diff::default() });
        }

        #[test]
        fn batches_hold_everything_once_and_fit(added in 0_usize..200, removed in 0_usize..50, most in 2_usize..100) {
            let rows = (0..added).map(|n| row(&n.to_string(), "A", &[])).collect();
            let before: Vec<Listed> = (1000..1000 + removed).map(|n| listed(&n.to_string(), "B", &[])).collect();
            let diff = of(rows, &before, Options { team: None, remove_missing: true });
            let batches = diff.batches(most);
            for batch in &batches {
                prop_assert!(batch.iter().map(|write| write.items()).sum::<usize>() <= most);
            }
            prop_assert_eq!(batches.iter().map(Vec::len).sum::<usize>(), added + removed);
            prop_assert_eq!(batches.len(), (added + removed).div_ceil(most / 2));
        }
    }
}
