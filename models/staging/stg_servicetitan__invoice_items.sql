with

invoices as (

    select * from {{ ref('stg_servicetitan__invoices') }}

),

items as (

    select
        invoices.invoice_id,
        invoices.job_id,
        {{ json_text('element', 'id') }} as invoice_item_id,
        {{ json_text('element', 'type') }} as item_type,
        {{ json_text('element', 'skuName') }} as sku_name,
        {{ json_text('element', 'generalLedgerAccount.type') }} as general_ledger_account_type,
        {{ json_text('element', 'total') }} as total_as_sent,
        {{ json_text('element', 'totalCost') }} as total_cost_as_sent,
        {{ money_from_text(json_text('element', 'total')) }} as total,
        {{ money_from_text(json_text('element', 'totalCost')) }} as total_cost,
        invoices.is_active

    from invoices
    {{ cross_join_elements('invoices.items') }}

)

select * from items
