/**
 * Every field name of the manifest reference, for "did you mean"; which section a name belongs to is not said here.
 * Source: Copilot's manifest reference, v1.34.
 */
export const VOCABULARY: ReadonlySet<string> = new Set(
  `name type image build dockerfile context target cache_from args location credentials port labels depends_on healthcheck
   command interval retries timeout start_period http path alb success_codes healthy_threshold unhealthy_threshold
   grace_period deregistration_delay target_container targetContainer target_port stickiness allowed_source_ips alias
   hosted_zone redirect_to_https version additional_rules nlb ssl_policy additional_listeners cpu memory platform osfamily
   architecture count spot range min max spot_from cooldown in out value cpu_percentage memory_percentage requests
   response_time queue_delay acceptable_latency msg_processing_time exec deployment rolling rollback_alarms cpu_utilization
   memory_utilization messages_delayed entrypoint network connect vpc placement subnets from_tags security_groups deny_default
   groups from_cfn variables env_file secrets secretsmanager storage ephemeral readonly_fs volumes read_only efs id root_dir
   uid gid auth iam access_point_id publish topics fifo content_based_deduplication logging retention destination
   enableMetadata secretOptions configFilePath observability tracing taskdef_overrides environments sidecars essential
   credentialsParameter mount_points source_volume subscribe service filter_policy queue delay dead_letter tries
   deduplication_scope throughput_limit high_throughput on schedule private endpoint tags files source recursive exclude
   reinclude certificate cidr az public flow_logs security_group ingress egress ports ip_protocol cdn terminate_tls
   static_assets certificates access_logs bucket_name prefix source_ips container_insights enable`.split(/\s+/),
);
