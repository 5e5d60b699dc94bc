with

cells as (

    select * from {{ ref('int_restated_cells') }}

),

records_shown as (

    {{ history_of(ref('kpi_records_history'), {
        'kpi': dbt.type_string(),
        'record_kind': dbt.type_string(),
        'record_id': dbt.type_string(),
        'business_unit': dbt.type_string(),
        'event_date': 'date',
        'job_id': dbt.type_bigint(),
        'customer_id': dbt.type_bigint(),
        'counted_key': dbt.type_string(),
        'numerator': type_money(),
        'denominator': type_money(),
        'dbt_valid_from': type_instant(),
        'dbt_valid_to': type_instant()
    }) | indent(4) }}

),

records_now as (

    select * from {{ ref('int_kpi_records') }}

),

-- Per cell and version, what was behind it when a build showed it last, and what is behind it now.
was as (

    select
        cells.kpi,
        cells.event_date,
        cells.business_unit,
        cells.shown_from,
        records_shown.record_kind,
        records_shown.record_id,
        records_shown.job_id,
        records_shown.customer_id,
        records_shown.counted_key,
        records_shown.numerator,
        records_shown.denominator
    from cells
    inner join records_shown
        on
            cells.kpi = records_shown.kpi
            and cells.business_unit = records_shown.business_unit
            and coalesce(records_shown.event_date, cells.event_date) = cells.event_date
            and cells.last_shown_at >= records_shown.dbt_valid_from
            and (records_shown.dbt_valid_to is null or cells.last_shown_at < records_shown.dbt_valid_to)

),

is_now as (

    select
        cells.kpi,
        cells.event_date,
        cells.business_unit,
        cells.shown_from,
        records_now.record_kind,
        records_now.record_id,
        records_now.job_id,
        records_now.customer_id,
        records_now.counted_key,
        records_now.numerator,
        records_now.denominator
    from cells
    inner join records_now
        on
            cells.kpi = records_now.kpi
            and cells.business_unit = records_now.business_unit
            and cells.event_date between records_now.first_day and records_now.last_day

),

compared as (

    select
        coalesce(was.kpi, is_now.kpi) as kpi,
        coalesce(was.event_date, is_now.event_date) as event_date,
        coalesce(was.business_unit, is_now.business_unit) as business_unit,
        coalesce(was.shown_from, is_now.shown_from) as shown_from,
        coalesce(was.record_kind, is_now.record_kind) as record_kind,
        coalesce(was.record_id, is_now.record_id) as record_id,
        coalesce(is_now.job_id, was.job_id) as job_id,
        coalesce(is_now.customer_id, was.customer_id) as customer_id,
        case
            when was.record_id is null then 'came'
            when is_now.record_id is null then 'left'
            else 'changed'
        end as what_happened,
        was.numerator as numerator_shown,
        was.denominator as denominator_shown,
        is_now.numerator as numerator_now,
        is_now.denominator as denominator_now

    from was
    full outer join is_now
        on
            was.kpi = is_now.kpi
            and was.event_date = is_now.event_date
            and was.business_unit = is_now.business_unit
            and was.shown_from = is_now.shown_from
            and was.record_kind = is_now.record_kind
            and was.record_id = is_now.record_id
    where
        was.record_id is distinct from is_now.record_id
        or was.counted_key is distinct from is_now.counted_key
        or was.numerator is distinct from is_now.numerator
        or was.denominator is distinct from is_now.denominator

),

jobs as (

    select * from {{ ref('dim_jobs') }}

),

final as (

    select
        compared.*,
        jobs.job_number,
        coalesce('job ' || jobs.job_number, compared.record_kind || ' ' || compared.record_id) as record_name
    from compared
    left join jobs
        on compared.job_id = jobs.job_id

)

select * from final
