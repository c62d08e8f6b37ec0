package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.mirror4j.eval.EvaluationReport;
import org.mirror4j.eval.Measurement;
import org.mirror4j.eval.PublishedFigures;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.file.CsvColumns;
import org.mirror4j.file.JsonFiles;

/**
 * A report and all that belongs to it, in the forms in which it leaves the program. Models and
 * measurements may be added while another thread writes.
 */
final class ReportOutput {
  private final EvaluationReport report;
  private final ArrayNode settings = JsonFiles.array();
  private final Map<String, String> versions;
  private final boolean published;
  private final List<Path> files;

  /**
   * @param published whether figures of the paper stand below
   * @param files are written by {@link #write}
   */
  ReportOutput(
      EvaluationReport report, Map<String, String> versions, boolean published, List<Path> files) {
    this.report = report;
    this.versions = versions;
    this.published = published;
    this.files = files;
  }

  /**
   * A model is measured next.
   *
   * @param how its vectors are made, for people
   * @param used its settings, for programs
   */
  synchronized void model(String column, String how, ObjectNode used) {
    report.settings(column, how);
    settings.add(used);
  }

  void add(String column, Measurement measurement) {
    report.add(column, measurement);
  }

  /** Whether nothing is measured. */
  boolean isEmpty() {
    return report.isEmpty();
  }

  /** For a terminal. */
  String table() {
    return report.table() + (published ? PublishedFigures.read().of(report).table() : "");
  }

  /**
   * For programs.
   *
   * @param complete whether all is measured
   */
  synchronized ObjectNode json(boolean complete) {
    ObjectNode json = report.json();
    json.set("settings", settings.deepCopy());
    ObjectNode each = json.putObject("versions");
    versions.forEach(each::put);
    if (published) {
      json.set("published", PublishedFigures.read().of(report).json());
    }
    return json.put("complete", complete);
  }

  private String markdown(boolean complete) {
    return report.markdown()
        + (published ? PublishedFigures.read().of(report).markdown() : "")
        + (complete ? "" : "\nNot complete.\n");
  }

  /** The files of forms that cannot say that not all is measured; these are whole or not there. */
  List<Path> onlyComplete() {
    return files.stream()
        .filter(file -> ReportFiles.isPicture(file) || CsvColumns.isName(file))
        .toList();
  }

  /**
   * Writes the files, without those of {@link #onlyComplete} where not all is measured.
   *
   * @param complete whether all is measured
   */
  void write(boolean complete) {
    for (Path file : files) {
      if (!complete && onlyComplete().contains(file)) {
        continue;
      }
      if (ReportFiles.isPicture(file)) {
        GeometryChart.write(file, report);
        continue;
      }
      if (CsvColumns.isName(file)) {
        report.writeCsv(file);
        continue;
      }
      AtomicFiles.writeFile(
          file,
          ReportFiles.isMarkdown(file)
              ? markdown(complete).getBytes(StandardCharsets.UTF_8)
              : JsonFiles.bytes(json(complete)));
    }
  }
}
