package org.mirror4j.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Files that a report is written to, as {@code --output} names them. */
public final class ReportFiles {
  private ReportFiles() {}

  /**
   * Before hours are spent on what could not be written.
   *
   * @throws ParameterException if one cannot be a file
   */
  public static void check(CommandLine command, List<Path> files) {
    files.forEach(file -> check(command, "--output", file));
  }

  /**
   * The same for the file of another option.
   *
   * @throws ParameterException naming the option, if it cannot be a file
   */
  static void check(CommandLine command, String option, Path file) {
    if (Files.isDirectory(file)) {
      throw new ParameterException(
          command, option + " is the directory " + file + ", expected a file");
    }
    Path parent = file.toAbsolutePath().getParent();
    if (parent != null && !Files.isDirectory(parent)) {
      throw new ParameterException(
          command, option + " is " + file + ", but there is no directory " + parent);
    }
  }

  /** Whether a report goes there as Markdown, else as JSON or CSV. */
  static boolean isMarkdown(Path file) {
    return file.toString().endsWith(".md");
  }

  /** Whether a picture goes there. */
  static boolean isPicture(Path file) {
    return file.toString().endsWith(".png");
  }
}
