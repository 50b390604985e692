"""One file a migration, sorted as they run; a released one is never changed, least of all its `revision`."""
