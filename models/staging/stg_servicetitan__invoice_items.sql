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
        invoices.is_active,
        invoices.modified_at

    from {{ with_elements('invoices', 'items') }}

),

final as (

    select
        cast(invoice_id as {{ dbt.type_string() }}) || '-' || cast(
            row_number() over (
                partition by invoice_id
                order by invoice_item_id, total_as_sent, total_cost_as_sent
            ) as {{ dbt.type_string() }}
        ) as invoice_item_key,
        *
    from items

)

select * from final
