with

reported as (

    select * from {{ ref('int_reported_values') }}

),

records as (

    select * from {{ ref('int_kpi_records') }}

),

final as (

    {{ our_values('reported', 'records') | indent(4) }}

)

select * from final
