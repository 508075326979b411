#pragma once
#include <yaml.h>

// The data of an event is a union, which Swift can't name.
static inline const char *sevk_yaml_text(const yaml_event_t *event) { return (const char *)event->data.scalar.value; }
static inline size_t sevk_yaml_length(const yaml_event_t *event) { return event->data.scalar.length; }
static inline int sevk_yaml_is_plain(const yaml_event_t *event) {
  return event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}
// An anchor or a tag, which stand at the same place of all three kinds.
static inline int sevk_yaml_has_extras(const yaml_event_t *event) {
  switch (event->type) {
    case YAML_SCALAR_EVENT: return event->data.scalar.anchor != NULL || event->data.scalar.tag != NULL;
    case YAML_SEQUENCE_START_EVENT: return event->data.sequence_start.anchor != NULL || event->data.sequence_start.tag != NULL;
    case YAML_MAPPING_START_EVENT: return event->data.mapping_start.anchor != NULL || event->data.mapping_start.tag != NULL;
    default: return 0;
  }
}
