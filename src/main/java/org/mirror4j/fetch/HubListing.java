package org.mirror4j.fetch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;
import java.util.TreeSet;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFields;
import org.mirror4j.name.HuggingFaceName;

/**
 * The files of a model on HuggingFace at a commit, as {@code
 * /api/models/ORG/NAME/revision/REVISION} lists them.
 *
 * @param files paths within the repository, as the endpoint says them
 */
record HubListing(String commit, Set<String> files) {
  /**
   * Reads an answer.
   *
   * @param what names it in messages
   * @throws FileException if it is none
   */
  static HubListing of(ObjectNode json, String what) {
    JsonFields fields = new JsonFields(json, what);
    String commit = fields.string("sha");
    if (!HuggingFaceName.isCommit(commit)) {
      throw new FileException(
          "%s: its commit is %s, expected 40 digits".formatted(what, FileException.quote(commit)));
    }
    Set<String> files = new TreeSet<>();
    for (JsonNode file : json.path("siblings")) {
      files.add(file.path("rfilename").asText());
    }
    return new HubListing(commit, files);
  }
}
