package org.mirror4j.eval;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** {@code isotropy:FILE}: {@link Isotropy} over the lines of a file. */
final class OwnTexts implements TaskFamily {
  private static final String KIND = "isotropy";

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
    return name.argument(KIND).map(file -> TaskGroup.of(new Task(Path.of(file))));
  }

  private record Task(Path file) implements EvaluationTask {
    @Override
    public String name() {
      return EvaluationTask.title(file);
    }

    @Override
    public List<Path> files() {
      return List.of(file);
    }

    @Override
    public TaskData read(Consumer<String> notices) {
      return TextList.read(file, notices);
    }
  }
}
