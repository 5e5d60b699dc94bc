select
    id as campaign_id,
    {{ trim_blanks('name') }} as campaign_name,
    nullif(categoryId, 0) as category_id,
    categoryName as category_name,
    source as campaign_source,
    medium as campaign_medium,
    coalesce(active, true) as is_active,
    createdOn as created_at,
    modifiedOn as modified_at

from {{ source('servicetitan', 'raw_campaigns') }}
