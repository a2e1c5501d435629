import { useMutation } from '@tanstack/react-query'

import { api, call } from '@/api/client'

/** A fresh link to an export’s file, which works for ten minutes; the organization’s, or one’s own without one. */
export const useExportLink = (org?: string) =>
  useMutation({
    mutationFn: (id: string) =>
      org
        ? call(api.GET('/v1/orgs/{org}/privacy/exports/{export}', { params: { path: { org, export: id } } }))
        : call(api.GET('/v1/privacy/exports/{export}', { params: { path: { export: id } } })),
    onSuccess: ({ download_url }) => download_url && location.assign(download_url),
  })
