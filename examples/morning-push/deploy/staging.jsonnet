function(manifest) (import 'system.libsonnet')(manifest, {
  namespace: 'staging',
  host: 'api.staging.wrk.example',
  replicas: { api: 1, worker: 1 },
})
