select
    campaign_id,
    campaign_name,
    category_id,
    category_name,
    campaign_source,
    campaign_medium,
    is_active

from {{ ref('stg_servicetitan__campaigns') }}
