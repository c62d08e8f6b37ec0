package org.mirror4j.eval;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.mirror4j.file.PackedFile;

/**
 * Texts of the user's own, one a line: {@code isotropy:FILE}, {@link Isotropy} over the lines of a
 * file; {@code geometry:FILE}, its {@link Geometry} by frequency too.
 */
final class OwnTexts implements TaskFamily {
  /** What is measured on them. */
  private enum Kind {
    ISOTROPY(TextList::read),
    GEOMETRY(RankedTexts::read);

    private final BiFunction<Path, Consumer<String>, TaskData> reader;

    Kind(BiFunction<Path, Consumer<String>, TaskData> reader) {
      this.reader = reader;
    }

    private String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    private Optional<EvaluationTask> task(TaskName name) {
      return name.argument(label()).map(file -> new Task(Path.of(file), this));
    }
  }

  @Override
  public boolean inDataFolder() {
    return false;
  }

  @Override
  public List<String> names(DataFolder data) {
    return Arrays.stream(Kind.values()).map(kind -> kind.label() + ":FILE").toList();
  }

  @Override
  public Optional<TaskGroup> find(TaskName name, DataFolder data) {
    return Arrays.stream(Kind.values())
        .flatMap(kind -> kind.task(name).stream())
        .findFirst()
        .map(TaskGroup::of);
  }

  /** Called by the name that it is asked for by, whichever form of the file is there. */
  private record Task(Path asked, Kind kind) implements EvaluationTask {
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
      return kind.reader.apply(PackedFile.there(asked), notices);
    }
  }
}
