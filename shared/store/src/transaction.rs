//! Several writes that happen together or not at all.

use std::time::Duration;

use aws_sdk_dynamodb::{
    operation::transact_write_items::TransactWriteItemsError,
    types::{ConditionCheck, Delete, Put, TransactWriteItem, Update, builders},
};
use smartscripts_domain::{Error, Result};

use crate::{
    Store,
    audit::AuditEvent,
    item::{Item, key_item, number, unavailable},
    keys::Key,
};

/// How often a transaction that met another one on the same item is tried.
const TRIES: u32 = 6;

/// Writes to be made together. Each has the error that its failed condition means.
#[derive(Default)]
pub(crate) struct Transaction {
    writes: Vec<(TransactWriteItem, Option<Error>)>,
}

impl Transaction {
    /// Puts an item that must not be there yet.
    pub fn create(mut self, store: &Store, item: Item, exists: Error) -> Result<Self> {
        let put = Put::builder()
            .table_name(&store.tenants)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(PK)")
            .build()
            .map_err(Error::internal)?;
        self.writes.push((TransactWriteItem::builder().put(put).build(), Some(exists)));
        Ok(self)
    }

    /// Puts an item in the place of the one whose `version` was `before`.
    pub fn replace(mut self, store: &Store, item: Item, before: u32, changed: Error) -> Result<Self> {
        let put = Put::builder()
            .table_name(&store.tenants)
            .set_item(Some(item))
            .condition_expression("version = :before")
            .expression_attribute_values(":before", number(before))
            .build()
            .map_err(Error::internal)?;
        self.writes.push((TransactWriteItem::builder().put(put).build(), Some(changed)));
        Ok(self)
    }

    /// Updates an item; `change` sets expression, condition and values.
    pub fn update(
        mut self,
        store: &Store,
        key: &Key,
        refused: Error,
        change: impl FnOnce(builders::UpdateBuilder) -> builders::UpdateBuilder,
    ) -> Result<Self> {
        let builder = Update::builder().table_name(&store.tenants).set_key(Some(key_item(key)));
        let update = change(builder).build().map_err(Error::internal)?;
        self.writes.push((TransactWriteItem::builder().update(update).build(), Some(refused)));
        Ok(self)
    }

    /// Demands something of an item that is left as it is; `demand` sets condition and values.
    pub fn check(
        mut self,
        store: &Store,
        key: &Key,
        refused: Error,
        demand: impl FnOnce(builders::ConditionCheckBuilder) -> builders::ConditionCheckBuilder,
    ) -> Result<Self> {
        let builder = ConditionCheck::builder().table_name(&store.tenants).set_key(Some(key_item(key)));
        let check = demand(builder).build().map_err(Error::internal)?;
        self.writes.push((TransactWriteItem::builder().condition_check(check).build(), Some(refused)));
        Ok(self)
    }

    /// Deletes an item whose `version` is `before`.
    pub fn delete_version(mut self, store: &Store, key: &Key, before: u32, changed: Error) -> Result<Self> {
        let delete = Delete::builder()
            .table_name(&store.tenants)
            .set_key(Some(key_item(key)))
            .condition_expression("version = :before")
            .expression_attribute_values(":before", number(before))
            .build()
            .map_err(Error::internal)?;
        self.writes.push((TransactWriteItem::builder().delete(delete).build(), Some(changed)));
        Ok(self)
    }

    /// Deletes an item; `demand` sets condition and values.
    pub fn delete_if(
        mut self,
        store: &Store,
        key: &Key,
        refused: Error,
        demand: impl FnOnce(builders::DeleteBuilder) -> builders::DeleteBuilder,
    ) -> Result<Self> {
        let builder = Delete::builder().table_name(&store.tenants).set_key(Some(key_item(key)));
        let delete = demand(builder).build().map_err(Error::internal)?;
        self.writes.push((TransactWriteItem::builder().delete(delete).build(), Some(refused)));
        Ok(self)
    }

    /// Deletes an item that must be there.
    pub fn delete(mut self, store: &Store, key: &Key, missing: Error) -> Result<Self> {
        let delete = Delete::builder()
            .table_name(&store.tenants)
            .set_key(Some(key_item(key)))
            .condition_expression("attribute_exists(PK)")
            .build()
            .map_err(Error::internal)?;
        self.writes.push((TransactWriteItem::builder().delete(delete).build(), Some(missing)));
        Ok(self)
    }

    /// Appends the audit event that tells of these writes.
    pub fn audit(mut self, store: &Store, event: &AuditEvent) -> Result<Self> {
        let put = Put::builder()
            .table_name(&store.audit)
            .set_item(Some(event.to_item()?))
            .condition_expression("attribute_not_exists(PK)")
            .build()
            .map_err(Error::internal)?;
        self.writes.push((TransactWriteItem::builder().put(put).build(), None));
        Ok(self)
    }

    /// Makes the writes. If a condition fails, the error given for it is returned and nothing was written.
    pub async fn commit(self, store: &Store) -> Result<()> {
        let (items, mut refusals): (Vec<_>, Vec<_>) = self.writes.into_iter().unzip();
        for attempt in 1.. {
            let sent = store.client.transact_write_items().set_transact_items(Some(items.clone())).send().await;
            let Err(error) = sent else { return Ok(()) };
            let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error()
            else {
                return Err(unavailable(error));
            };
            let reasons = cancelled.cancellation_reasons();
            let failed = reasons.iter().position(|reason| reason.code() == Some("ConditionalCheckFailed"));
            if let Some(refusal) = failed.and_then(|index| refusals.get_mut(index)?.take()) {
                return Err(refusal);
            }
            if attempt >= TRIES {
                return Err(unavailable(error));
            }
            // Another transaction holds the item; it is done in a few milliseconds.
            tokio::time::sleep(Duration::from_millis(15 << attempt)).await;
        }
        Ok(())
    }
}
