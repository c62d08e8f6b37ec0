package org.mirror4j.device.ptx.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What the checks found, one entry for each rule and line with a count of how often, so that a loop
 * over a million lanes cannot flood it. Several threads may report at once.
 */
public final class Findings {
  private record Place(Check check, String file, int line) {}

  private static final class Entry {
    private final Finding finding;
    private final LongAdder times = new LongAdder();

    Entry(Finding finding) {
      this.finding = finding;
    }
  }

  private final ConcurrentHashMap<Place, Entry> entries = new ConcurrentHashMap<>();

  /**
   * Reports a broken rule at an instruction.
   *
   * @param detail what was found and what was expected; only asked for the first time at this line
   * @throws PtxException if the rule ends a launch
   */
  public void report(Check check, InstructionSite site, Supplier<String> detail) {
    report(check, site.file(), site.line(), () -> site + ": " + detail.get());
  }

  /**
   * Reports a broken rule anywhere.
   *
   * @param file kernel file or host operation
   * @param line line in the file, or 0
   * @param message the whole report; only asked for the first time at this place
   * @throws PtxException if the rule ends a launch
   */
  public void report(Check check, String file, int line, Supplier<String> message) {
    Entry entry =
        entries.computeIfAbsent(
            new Place(check, file, line),
            place -> new Entry(new Finding(check, file, line, message.get())));
    entry.times.increment();
    if (check.fatal()) {
      // A later launch may break the same rule at the same line in another way: its own numbers.
      throw new PtxException(new Finding(check, file, line, message.get()));
    }
  }

  /** Whether nothing was found. */
  public boolean isEmpty() {
    return entries.isEmpty();
  }

  /** Everything found, by file, line and rule. */
  public List<Finding> list() {
    List<Finding> found = new ArrayList<>();
    entries.values().forEach(entry -> found.add(entry.finding));
    found.sort(
        Comparator.comparing(Finding::file)
            .thenComparingInt(Finding::line)
            .thenComparing(Finding::check));
    return found;
  }

  /** What was found of some checks, one line a finding with how often, in the order of the list. */
  public List<String> lines(Predicate<Check> checks) {
    return list().stream().filter(finding -> checks.test(finding.check())).map(this::line).toList();
  }

  private String line(Finding finding) {
    long times =
        entries.get(new Place(finding.check(), finding.file(), finding.line())).times.sum();
    return finding + (times > 1 ? " (%d times)".formatted(times) : "");
  }

  /** One line a finding. */
  @Override
  public String toString() {
    return lines(check -> true).stream().map(line -> line + "\n").collect(Collectors.joining());
  }
}
