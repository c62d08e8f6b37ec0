/** Classification of texts and pairs of texts: the tasks of GLUE, regression of STS-B included. */
package org.mirror4j.task.classification;
