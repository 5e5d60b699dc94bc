with

cells as (

    select * from {{ ref('int_restated_cells') }}

),

records as (

    select * from {{ ref('kpi_restated_records') }}

),

records_by_cell as (

    select
        kpi,
        event_date,
        business_unit,
        shown_from,
        count(*) as changed_record_count,
        {{ dbt.listagg("record_name || ' ' || what_happened", "'; '", 'order by record_name', 5) }} as changed_records
    from records
    group by kpi, event_date, business_unit, shown_from

),

final as (

    select
        cells.kpi,
        cells.event_date,
        cells.business_unit,
        cells.shown_from,
        cells.shown_until,
        cells.day_was_over,
        cells.value_shown,
        cells.value_now,
        coalesce(cells.value_now, 0) - coalesce(cells.value_shown, 0) as difference,
        coalesce(records_by_cell.changed_record_count, 0) as changed_record_count,
        records_by_cell.changed_records

    from cells
    left join records_by_cell
        on
            cells.kpi = records_by_cell.kpi
            and cells.event_date = records_by_cell.event_date
            and cells.business_unit = records_by_cell.business_unit
            and cells.shown_from = records_by_cell.shown_from

)

select * from final
