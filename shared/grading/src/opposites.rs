//! Words that look or mean nearly alike to a machine and are opposites to a teacher.

use strsim::normalized_damerau_levenshtein;

/// Words of which one contradicts the other, as stems. Embeddings hardly tell them apart.
const OPPOSITES: [(&str, &str); 52] = [
    ("absorb", "releas"),
    ("absorb", "emit"),
    ("acceler", "deceler"),
    ("acid", "alkali"),
    ("activ", "passiv"),
    ("anod", "cathod"),
    ("arteri", "vein"),
    ("ascend", "descend"),
    ("attract", "repel"),
    ("befor", "after"),
    ("begin", "end"),
    ("broken", "complet"),
    ("cation", "anion"),
    ("close", "open"),
    ("cold", "hot"),
    ("cold", "warm"),
    ("condens", "evapor"),
    ("connect", "disconnect"),
    ("contract", "expand"),
    ("cool", "heat"),
    ("cool", "warm"),
    ("decreas", "increas"),
    ("domin", "recess"),
    ("down", "up"),
    ("east", "west"),
    ("exclud", "includ"),
    ("exhal", "inhal"),
    ("export", "import"),
    ("extern", "intern"),
    ("fall", "rise"),
    ("faster", "slower"),
    ("fewer", "more"),
    ("freez", "melt"),
    ("gain", "lose"),
    ("gain", "loss"),
    ("higher", "lower"),
    ("high", "low"),
    ("input", "output"),
    ("larger", "smaller"),
    ("left", "right"),
    ("less", "more"),
    ("longer", "shorter"),
    ("maximum", "minimum"),
    ("meiosi", "mitosi"),
    ("negat", "posit"),
    ("north", "south"),
    ("oxid", "reduct"),
    ("parallel", "seri"),
    ("stronger", "weaker"),
    ("thicker", "thinner"),
    ("top", "bottom"),
    ("true", "fals"),
];

/// Beginnings of which one makes the opposite of the other when the rest of the word is the same.
const PREFIXES: [(&str, &str); 9] = [
    ("ana", "cata"),
    ("endo", "exo"),
    ("geno", "pheno"),
    ("hetero", "homo"),
    ("hyper", "hypo"),
    ("inter", "intra"),
    ("macro", "micro"),
    ("mono", "poly"),
    ("under", "over"),
];

/// Whether one word, as a stem, says the opposite of the other.
pub fn are_opposite(a: &str, b: &str) -> bool {
    let listed = |x: &str, y: &str| OPPOSITES.contains(&(x, y));
    listed(a, b) || listed(b, a) || differ_by_prefix(a, b) || differ_by_prefix(b, a)
}

fn differ_by_prefix(a: &str, b: &str) -> bool {
    PREFIXES.iter().any(|(first, second)| {
        let rests = (a.strip_prefix(first), b.strip_prefix(second));
        // The rest may hold a slip of its own: `hypertonc` is still not `hypotonic`.
        matches!(rests, (Some(x), Some(y)) if x.len() >= 3 && normalized_damerau_levenshtein(x, y) >= 0.75)
    })
}

#[cfg(test)]
mod tests {
    use rust_stemmers::{Algorithm, Stemmer};

    use super::*;

    #[test]
    fn opposites_work_both_ways_and_nothing_is_its_own() {
        let stemmer = Stemmer::create(Algorithm::English);
        for (a, b) in [
            ("increase", "decreases"),
            ("hypertonic", "hypotonic"),
            ("mitosis", "meiosis"),
            ("endothermic", "exothermic"),
            ("positive", "negative"),
            ("phenotypes", "genotype"),
            ("opened", "closed"),
            ("oxidation", "reduction"),
        ] {
            let (a, b) = (stemmer.stem(a), stemmer.stem(b));
            assert!(are_opposite(&a, &b) && are_opposite(&b, &a), "{a} {b}");
            assert!(!are_opposite(&a, &a) && !are_opposite(&b, &b), "{a} {b}");
        }
        assert!(!are_opposite("water", "wall"));
    }

    /// A word for each stem of the table: an entry that is no stem would never be met.
    #[test]
    fn the_table_holds_stems() {
        let words = "absorb release emit accelerate decelerate acid alkali active passive anode cathode artery vein ascend \
            descend attract repel before after begin end broken complete cation anion close open cold hot warm condense \
            evaporate connect disconnect contract expand cool heat decrease increase dominant recessive down up east west \
            exclude include exhale inhale export import external internal fall rise faster slower fewer more freeze melt \
            gain lose loss higher lower high low input output larger smaller left right less longer shorter maximum minimum \
            meiosis mitosis negative positive north south oxidation reduction parallel series stronger weaker thicker \
            thinner top bottom true false";
        let stemmer = Stemmer::create(Algorithm::English);
        let stems: Vec<String> = words.split_whitespace().map(|word| stemmer.stem(word).into_owned()).collect();
        for stem in OPPOSITES.iter().flat_map(|(a, b)| [a, b]) {
            assert!(stems.iter().any(|known| known == stem), "{stem}");
        }
    }
}
