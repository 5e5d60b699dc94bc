with

job_types as (

    select * from {{ ref('stg_servicetitan__job_types') }}

),

lists as (

    select
        job_type_key,
        max(case when {{ as_of_date() }} between first_day and last_day then list_name end) as list_name
    from {{ ref('stg_job_type_lists') }}
    group by job_type_key

),

final as (

    select
        job_types.job_type_id,
        job_types.job_type_name,
        coalesce(lists.job_type_key, {{ no_list_row() }}) as job_type_key,
        coalesce(lists.list_name, 'none') as list_name,
        lists.job_type_key is not null as has_list_row,
        job_types.sold_threshold,
        job_types.is_no_charge,
        job_types.is_active

    from job_types
    left join lists
        on {{ name_key('job_types.job_type_name') }} = lists.job_type_key

)

select * from final
