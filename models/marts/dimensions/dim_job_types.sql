with

job_types as (

    select * from {{ ref('stg_servicetitan__job_types') }}

),

lists as (

    select
        {{ name_key('job_type_name') }} as job_type_key,
        list_name
    from {{ ref('job_type_lists') }}

),

final as (

    select
        job_types.job_type_id,
        job_types.job_type_name,
        coalesce(lists.list_name, 'none') as list_name,
        lists.list_name is not null as has_list_row,
        job_types.sold_threshold,
        job_types.is_no_charge,
        job_types.is_active

    from job_types
    left join lists
        on {{ name_key('job_types.job_type_name') }} = lists.job_type_key

)

select * from final
