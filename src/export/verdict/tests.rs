//! Every format of one comparison, as snapshots; and that nothing of a store's text gets into HTML or Markdown as markup.
