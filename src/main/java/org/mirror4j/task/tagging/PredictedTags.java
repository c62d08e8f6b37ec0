package org.mirror4j.task.tagging;

import java.util.List;
import org.mirror4j.task.LabelNames;
import org.mirror4j.task.PredictedTask;
import org.mirror4j.task.Predictions;

/**
 * Sentences of whose words a tag is said each.
 *
 * @param labels the tags of the model
 */
record PredictedTags(List<TaggedSentence> sentences, TaggingExamples examples, LabelNames labels)
    implements PredictedTask<int[]>, TagHead {
  @Override
  public Predictions begin() {
    return new TagPredictions(sentences, examples, labels);
  }
}
