function(manifest) (import 'system.libsonnet')(manifest, {
  namespace: 'production',
  host: 'api.wrk.example',
  replicas: { api: 3, worker: 2 },
})
