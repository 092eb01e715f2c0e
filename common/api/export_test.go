package api

import "github.com/gin-gonic/gin"

// Engine returns the gin engine, for routes of tests that huma cannot express.
func (a *API) Engine() *gin.Engine { return a.engine }
