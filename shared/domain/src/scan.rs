//! How the pages of a class that was scanned in one go become scripts.

use serde::{Deserialize, Serialize};

use crate::{separator::Separator, submission::limits};

/// What a page of a scan is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageMark {
    /// A separator sheet.
    Separator(Separator),
    /// There is nothing on it.
    Blank,
    /// A page with a field for the name at its top, and something in it.
    Named,
    /// Any other page.
    Plain,
}

/// The pages of one script, as indices into the pages of the scan, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScannedScript {
    /// The sheet before it; none for what lies before the first one, or if there are none.
    pub separator: Option<Separator>,
    /// Its pages.
    pub pages: Vec<usize>,
}

/// The scripts in a scan. Each separator sheet begins one; in a scan without any, each page with a name at its top does.
/// A sheet and its blank back side belong to no script, every other page to exactly one. What is longer than a script may
/// be is divided.
#[must_use]
pub fn scripts(pages: &[PageMark]) -> Vec<ScannedScript> {
    let has_sheets = pages.iter().any(|mark| matches!(mark, PageMark::Separator(_)));
    let mut scripts = vec![ScannedScript { separator: None, pages: Vec::new() }];
    let mut is_back = false;
    for (index, mark) in pages.iter().enumerate() {
        match mark {
            PageMark::Separator(separator) => {
                scripts.push(ScannedScript { separator: Some(*separator), pages: Vec::new() });
                is_back = true;
                continue;
            }
            PageMark::Blank if is_back => {}
            PageMark::Named if !has_sheets => scripts.push(ScannedScript { separator: None, pages: vec![index] }),
            PageMark::Blank | PageMark::Named | PageMark::Plain => {
                if let Some(script) = scripts.last_mut() {
                    script.pages.push(index);
                }
            }
        }
        is_back = false;
    }
    let parts = |script: &ScannedScript| -> Vec<ScannedScript> {
        let part = |pages: &[usize]| ScannedScript { separator: script.separator, pages: pages.to_vec() };
        script.pages.chunks(limits::PAGES).map(part).collect()
    };
    scripts.iter().flat_map(parts).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ulid::Ulid;

    use super::*;
    use crate::{
        id::AssessmentId,
        separator::Whose::{self, Number},
    };

    fn sheet(whose: Whose) -> PageMark {
        PageMark::Separator(separator(whose))
    }

    fn separator(whose: Whose) -> Separator {
        Separator { assessment: AssessmentId::new(Ulid::from(1)), whose }
    }

    fn script(number: Option<u32>, pages: &[usize]) -> ScannedScript {
        ScannedScript { separator: number.map(|number| separator(Number(number))), pages: pages.to_vec() }
    }

    #[test]
    fn sheets_begin_scripts_and_their_blank_backs_are_dropped() {
        use PageMark::{Blank, Named, Plain};
        let pages =
            [Plain, sheet(Number(1)), Blank, Named, Blank, Named, sheet(Number(2)), Plain, sheet(Number(3)), Blank];
        let expected = [script(None, &[0]), script(Some(1), &[3, 4, 5]), script(Some(2), &[7])];
        assert_eq!(scripts(&pages), expected);
    }

    #[test]
    fn without_sheets_a_name_begins_a_script() {
        use PageMark::{Blank, Named, Plain};
        assert_eq!(scripts(&[Named, Plain, Named, Blank]), [script(None, &[0, 1]), script(None, &[2, 3])]);
        assert_eq!(scripts(&[Plain, Named]), [script(None, &[0]), script(None, &[1])]);
        assert_eq!(scripts(&[]), []);
    }

    #[test]
    fn what_is_too_long_is_divided() {
        let lengths: Vec<usize> = scripts(&[PageMark::Plain; 230]).iter().map(|script| script.pages.len()).collect();
        assert_eq!(lengths, [100, 100, 30]);
    }

    proptest! {
        #[test]
        fn no_page_is_lost_or_doubled(kinds in proptest::collection::vec(0_u32..5, 0..300)) {
            let mark = |kind: &u32| match kind {
                0 => PageMark::Blank,
                1 => PageMark::Named,
                2 => sheet(Number(7)),
                _ => PageMark::Plain,
            };
            let marks: Vec<PageMark> = kinds.iter().map(mark).collect();
            let mut found: Vec<usize> = scripts(&marks).into_iter().flat_map(|script| script.pages).collect();
            prop_assert!(found.is_sorted());
            let is_sheet = |index: usize| matches!(marks[index], PageMark::Separator(_));
            let is_back = |index: usize| index > 0 && marks[index] == PageMark::Blank && is_sheet(index - 1);
            found.extend((0..marks.len()).filter(|index| is_sheet(*index) || is_back(*index)));
            found.sort_unstable();
            prop_assert_eq!(found, (0..marks.len()).collect::<Vec<_>>());
        }
    }
}
