package org.mirror4j.eval;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.mirror4j.file.PackedFile;

/**
 * Scored pairs of the user's own: {@code pairs:FILE}, or with its columns named {@code
 * pairs:FILE:score=3,first=1,second=2}, see {@link ScoredPairs#read(Path, Consumer)}.
 */
final class OwnPairs implements TaskFamily {
  private static final String KIND = "pairs";

  @Override
  public boolean inDataFolder() {
    return false;
  }

  @Override
  public List<String> names(DataFolder data) {
    return List.of(KIND + ":FILE");
  }

  @Override
  public Optional<TaskGroup> find(TaskName name, DataFolder data) {
    return name.argument(KIND).map(argument -> TaskGroup.of(task(argument)));
  }

  private static EvaluationTask task(String argument) {
    int colon = argument.lastIndexOf(':');
    boolean chosen = colon > 0 && ColumnChoice.isChoice(argument.substring(colon + 1));
    Path file = Path.of(chosen ? argument.substring(0, colon) : argument);
    return new Task(file, chosen ? ColumnChoice.of(argument.substring(colon + 1)) : null);
  }

  /**
   * A file, or its other form.
   *
   * @param columns null to find them
   */
  private record Task(Path asked, ColumnChoice columns) implements EvaluationTask {
    @Override
    public String name() {
      return EvaluationTask.title(asked);
    }

    @Override
    public List<Path> files() {
      return List.of(PackedFile.there(asked));
    }

    @Override
    public TaskData read(Consumer<String> notices) {
      Path file = PackedFile.there(asked);
      return ScoredPairs.read(file, columns, notices).requireRanking(file);
    }
  }
}
