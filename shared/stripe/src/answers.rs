//! What is read of Stripe's answers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use smartscripts_domain::{Error, Result};
use utoipa::ToSchema;

/// Something with an id.
#[derive(Deserialize)]
pub(crate) struct Identified {
    pub id: String,
}

/// A page of Stripe's to which somebody is sent.
#[derive(Deserialize)]
pub(crate) struct Session {
    pub id: String,
    pub url: Option<String>,
}

/// A list.
#[derive(Deserialize)]
pub(crate) struct List {
    pub data: Vec<Value>,
    #[serde(default)]
    pub has_more: bool,
}

#[derive(Deserialize)]
pub(crate) struct InvoiceAnswer {
    pub id: Option<String>,
    number: Option<String>,
    #[serde(alias = "date")]
    created: i64,
    #[serde(default)]
    total: i64,
    #[serde(default)]
    amount_due: i64,
    currency: String,
    status: Option<String>,
    invoice_pdf: Option<String>,
    hosted_invoice_url: Option<String>,
    lines: Option<Lines>,
}

#[derive(Deserialize)]
struct Lines {
    data: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    description: Option<String>,
    amount: i64,
}

/// An invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Invoice {
    /// Stripe's id of it.
    pub id: String,
    /// Its number; none while it is a draft.
    pub number: Option<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// What it comes to, in the currency's smallest unit. Less than nothing if it gives back.
    pub total: i64,
    /// ISO 4217, in lower case.
    pub currency: String,
    /// `draft`, `open`, `paid`, `uncollectible` or `void`.
    pub status: String,
    /// Where it can be downloaded.
    pub pdf_url: Option<String>,
    /// Where it can be seen and paid.
    pub page_url: Option<String>,
}

impl InvoiceAnswer {
    pub fn into_invoice(self) -> Result<Invoice> {
        Ok(Invoice {
            id: self.id.ok_or_else(|| Error::internal("an invoice of Stripe's without an id"))?,
            number: self.number,
            created_at: Timestamp::from_second(self.created).map_err(Error::internal)?,
            total: self.total,
            currency: self.currency,
            status: self.status.unwrap_or_else(|| "draft".to_owned()),
            pdf_url: self.invoice_pdf,
            page_url: self.hosted_invoice_url,
        })
    }

    pub fn into_preview(self) -> Preview {
        let lines = self.lines.map(|lines| lines.data).unwrap_or_default();
        let line = |line: Line| PreviewLine { description: line.description.unwrap_or_default(), amount: line.amount };
        Preview {
            due_now: self.amount_due.max(0),
            currency: self.currency,
            lines: lines.into_iter().map(line).collect(),
        }
    }
}

/// What a change would cost now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// What is to be paid at once, in the currency's smallest unit.
    pub due_now: i64,
    /// ISO 4217, in lower case.
    pub currency: String,
    /// How that comes about.
    pub lines: Vec<PreviewLine>,
}

/// A line of an invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PreviewLine {
    /// What for, in Stripe's words.
    pub description: String,
    /// How much, in the currency's smallest unit. Less than nothing for what is given back.
    pub amount: i64,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_invoice_in_a_currency_without_a_smaller_unit_is_read_as_it_stands() {
        let answer = json!({
            "id": "in_1", "number": "A-1", "created": 1_780_000_000, "total": 1200, "amount_due": 1200,
            "currency": "jpy", "status": "paid", "invoice_pdf": "https://pay.example/in_1.pdf",
            "hosted_invoice_url": null, "lines": { "data": [{ "description": null, "amount": -300 }] },
        });
        let read = |answer: &Value| serde_json::from_value::<InvoiceAnswer>(answer.clone()).unwrap();
        let invoice = read(&answer).into_invoice().unwrap();
        assert_eq!((invoice.total, invoice.currency.as_str(), invoice.status.as_str()), (1200, "jpy", "paid"));
        let preview = read(&answer).into_preview();
        assert_eq!((preview.due_now, preview.lines[0].amount), (1200, -300));
        // Amounts are whole numbers: another one is not understood, rather than rounded.
        let mut broken = answer;
        broken["total"] = json!(12.5);
        assert!(serde_json::from_value::<InvoiceAnswer>(broken).is_err());
    }
}
