package org.mirror4j.name;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A model on HuggingFace: {@code ORG/NAME}, or {@code NAME} for some old ones, and perhaps
 * {@code @REVISION}.
 *
 * @param repository {@code ORG/NAME} or {@code NAME}
 * @param revision a branch, tag or commit; {@code main} where none is given
 */
public record HuggingFaceName(String repository, String revision) {
  /** The revision where none is given. */
  public static final String MAIN = "main";

  private static final String WORD = "[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?";
  private static final Pattern REPOSITORY = Pattern.compile(WORD + "(?:/" + WORD + ")?");
  private static final Pattern REVISION = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._/+-]{0,199}");
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

  /** The name, if a text can be one: a file name need not be. */
  public static Optional<HuggingFaceName> parse(String text) {
    int at = text.indexOf('@');
    String repository = at < 0 ? text : text.substring(0, at);
    String revision = at < 0 ? MAIN : text.substring(at + 1);
    boolean valid =
        REPOSITORY.matcher(repository).matches()
            && !repository.contains("..")
            && !repository.contains("--")
            && !repository.endsWith(".git")
            && REVISION.matcher(revision).matches()
            && !revision.contains("..")
            && !revision.contains("//")
            && !revision.endsWith("/");
    return valid ? Optional.of(new HuggingFaceName(repository, revision)) : Optional.empty();
  }

  /** Whether a text is a commit, by its full hash. */
  public static boolean isCommit(String text) {
    return COMMIT.matcher(text).matches();
  }

  /** Whether the organisation is named. */
  public boolean hasOrganisation() {
    return repository.contains("/");
  }

  @Override
  public String toString() {
    return revision.equals(MAIN) ? repository : repository + "@" + revision;
  }
}
