package org.mirror4j.eval;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.mirror4j.eval.linking.ConceptNames;
import org.mirror4j.eval.linking.Mention;
import org.mirror4j.eval.linking.MentionLines;
import org.mirror4j.eval.linking.PubTator;
import org.mirror4j.file.PackedFile;
import org.mirror4j.text.TextLines;

/**
 * {@code linking:MENTIONS:DICTIONARY}: {@link LinkedMentions} of the user's own, mentions as {@link
 * PubTator} or {@link MentionLines} has them, all types, and a dictionary as {@link ConceptNames}
 * reads it.
 */
final class OwnMentions implements TaskFamily {
  private static final String KIND = "linking";

  @Override
  public boolean inDataFolder() {
    return false;
  }

  @Override
  public List<String> names(DataFolder data) {
    return List.of(KIND + ":FILE:FILE");
  }

  @Override
  public Optional<TaskGroup> find(TaskName name, DataFolder data) {
    return name.argument(KIND).map(argument -> TaskGroup.of(task(argument)));
  }

  private static EvaluationTask task(String argument) {
    int colon = argument.lastIndexOf(':');
    if (colon <= 0) {
      throw new IllegalArgumentException(
          "task %s:%s names one file, expected two: %s:MENTIONS:DICTIONARY"
              .formatted(KIND, argument, KIND));
    }
    Path asked = Path.of(argument.substring(0, colon));
    Path dictionary = Path.of(argument.substring(colon + 1));
    return new Task(
        EvaluationTask.title(asked), PackedFile.there(asked), PackedFile.there(dictionary));
  }

  private record Task(String name, Path file, Path dictionary) implements EvaluationTask {
    @Override
    public List<Path> files() {
      return List.of(file, dictionary);
    }

    @Override
    public TaskData read(Consumer<String> notices) {
      List<String> lines = TextLines.read(file, notices);
      List<Mention> mentions =
          PubTator.isOne(lines)
              ? PubTator.read(file, lines, type -> true)
              : MentionLines.read(file, lines);
      ConceptNames names = ConceptNames.read(dictionary, TextLines.read(dictionary, notices));
      if (names.names().isEmpty()) {
        throw new IllegalArgumentException(dictionary + ": no names");
      }
      return LinkedMentions.of(file, mentions, names, "");
    }
  }
}
