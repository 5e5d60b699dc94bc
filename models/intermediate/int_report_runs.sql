with

-- Of a file every version is kept: which one lies in the folder only `make reconcile` knows.
runs as (

    select
        *,
        came_from = 'inbox'
        or row_number() over (
            partition by report, came_from, period_start, period_end
            order by pulled_at desc, run_id asc
        ) = 1 as is_newest
    from {{ ref('stg_reports__runs') }}

),

-- An export of sales may lack the column that counts completed estimates, or tell of other days, too. A report without
-- a row says that there are none.
runs_with_estimates as (

    select distinct run_id
    from {{ ref('stg_reports__rows') }}
    where completed_estimates is not null

),

kpis_of_layouts as (

    {{ kpis_of_layouts() }}

),

final as (

    select
        runs.run_id,
        kpis_of_layouts.kpi,
        kpis_of_layouts.applies_to,
        runs.report,
        coalesce(runs.report_name, runs.report) as report_name,
        runs.layout,
        runs.came_from,
        runs.file_name,
        runs.period_start,
        runs.period_end,
        runs.pulled_at,
        runs.is_newest

    from runs
    inner join kpis_of_layouts
        on runs.layout = kpis_of_layouts.layout
    left join runs_with_estimates
        on runs.run_id = runs_with_estimates.run_id
    where
        kpis_of_layouts.kpi != 'num_estimates'
        or runs_with_estimates.run_id is not null
        or runs.row_count = 0

)

select * from final
