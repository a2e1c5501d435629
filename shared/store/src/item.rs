//! Reading and writing one item, and lists of them.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    error::{DisplayErrorContext, SdkError},
    operation::update_item::{UpdateItemError, builders::UpdateItemFluentBuilder},
    types::{AttributeValue, KeysAndAttributes, ReturnValue},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};
use smartscripts_domain::{Error, Result};

use crate::{Store, keys::Key};

pub(crate) type Item = HashMap<String, AttributeValue>;

/// A page of a list, and where the next one begins.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The entries.
    pub items: Vec<T>,
    /// Give this back to get the next page; none on the last.
    pub cursor: Option<String>,
}

pub(crate) fn unavailable<E: std::error::Error + 'static, R: std::fmt::Debug + 'static>(
    error: SdkError<E, R>,
) -> Error {
    Error::unavailable(format!("DynamoDB: {}", DisplayErrorContext(error)))
}

pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(crate) fn number(value: u32) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(crate) fn key_item(key: &Key) -> Item {
    HashMap::from([("PK".to_owned(), text(&key.pk)), ("SK".to_owned(), text(&key.sk))])
}

pub(crate) fn encode<T: Serialize>(key: &Key, value: &T) -> Result<Item> {
    let mut item: Item = serde_dynamo::to_item(value).map_err(|e| Error::internal(format!("encode item: {e}")))?;
    item.extend(key_item(key));
    Ok(item)
}

pub(crate) fn decode<T: DeserializeOwned>(item: Item) -> Result<T> {
    serde_dynamo::from_item(item).map_err(|e| Error::internal(format!("decode item: {e}")))
}

/// A value as an attribute, for update expressions.
pub(crate) fn attribute<T: Serialize>(value: &T) -> Result<AttributeValue> {
    serde_dynamo::to_attribute_value(value).map_err(|e| Error::internal(format!("encode attribute: {e}")))
}

impl Store {
    pub(crate) async fn get<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>> {
        let request =
            self.client.get_item().table_name(&self.tenants).set_key(Some(key_item(key))).consistent_read(true);
        let answer = request.send().await.map_err(unavailable)?;
        answer.item.map(decode).transpose()
    }

    /// Two items at once.
    pub(crate) async fn get_two<A: DeserializeOwned, B: DeserializeOwned>(
        &self,
        [one, other]: &[Key; 2],
    ) -> Result<(Option<A>, Option<B>)> {
        let wanted = KeysAndAttributes::builder().keys(key_item(one)).keys(key_item(other)).consistent_read(true);
        let wanted = wanted.build().map_err(Error::internal)?;
        let request = self.client.batch_get_item().request_items(&self.tenants, wanted);
        let answer = request.send().await.map_err(unavailable)?;
        if answer.unprocessed_keys.is_some_and(|keys| !keys.is_empty()) {
            return Err(Error::unavailable("DynamoDB: keys were left unprocessed"));
        }
        let mut items = answer.responses.and_then(|mut tables| tables.remove(&self.tenants)).unwrap_or_default();
        let mut take = |key: &Key| {
            let is_it = |item: &Item| item.get("PK") == Some(&text(&key.pk)) && item.get("SK") == Some(&text(&key.sk));
            items.iter().position(is_it).map(|index| items.swap_remove(index))
        };
        let (one, other) = (take(one), take(other));
        Ok((one.map(decode).transpose()?, other.map(decode).transpose()?))
    }

    /// The items of a partition whose sort key begins with `prefix`, from behind `cursor` on.
    pub(crate) async fn list<T: DeserializeOwned>(
        &self,
        pk: &str,
        prefix: &str,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<Page<T>> {
        let mut request = self
            .client
            .query()
            .table_name(&self.tenants)
            .key_condition_expression("PK = :pk AND begins_with(SK, :prefix)")
            .expression_attribute_values(":pk", text(pk))
            .expression_attribute_values(":prefix", text(prefix))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .consistent_read(true);
        if let Some(cursor) = cursor {
            let start = Key { pk: pk.to_owned(), sk: read_cursor(cursor, prefix)? };
            request = request.set_exclusive_start_key(Some(key_item(&start)));
        }
        let answer = request.send().await.map_err(unavailable)?;
        let cursor = answer
            .last_evaluated_key
            .as_ref()
            .and_then(|key| key.get("SK")?.as_s().ok())
            .map(|sk| URL_SAFE_NO_PAD.encode(sk));
        let items = answer.items.unwrap_or_default().into_iter().map(decode).collect::<Result<_>>()?;
        Ok(Page { items, cursor })
    }
}

impl Store {
    /// All items of a partition whose sort key begins with `prefix`. For what a person or an organization has few of.
    pub(crate) async fn list_all<T: DeserializeOwned>(&self, pk: &str, prefix: &str) -> Result<Vec<T>> {
        let mut items = Vec::new();
        let mut cursor = None;
        loop {
            let page = self.list(pk, prefix, 1000, cursor.as_deref()).await?;
            items.extend(page.items);
            match page.cursor {
                Some(next) => cursor = Some(next),
                None => return Ok(items),
            }
        }
    }

    /// Updates an item if its condition holds; `change` sets expression, condition and values. Returns the item after it,
    /// or none if the condition did not hold.
    pub(crate) async fn update_if(
        &self,
        key: &Key,
        change: impl FnOnce(UpdateItemFluentBuilder) -> Result<UpdateItemFluentBuilder>,
    ) -> Result<Option<Item>> {
        let update = self.client.update_item().table_name(&self.tenants).set_key(Some(key_item(key)));
        match change(update)?.return_values(ReturnValue::AllNew).send().await {
            Ok(answer) => Ok(Some(answer.attributes.unwrap_or_default())),
            Err(error)
                if error.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Ok(None)
            }
            Err(error) => Err(unavailable(error)),
        }
    }
}

fn read_cursor(cursor: &str, prefix: &str) -> Result<String> {
    let invalid = || Error::invalid("cursor_invalid", "`cursor` is not one that this list has given out.");
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| invalid())?;
    String::from_utf8(bytes).ok().filter(|sk| sk.starts_with(prefix)).ok_or_else(invalid)
}
